using Gateway.Cli;

namespace Gateway.Tests.Cli;

public sealed class LaterCommandsTests
{
    [Fact]
    public void The_help_offers_nothing_that_is_not_built()
    {
        var (exit, output, _) = Cli.Run(Program.Root(), "--help");

        Assert.Equal(ExitCodes.Fine, exit);
        Assert.Contains("calibrate", output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?m)^\s+(echo|support-bundle|home-assistant)\b", output);
    }

    [Theory]
    [InlineData("simulate house", "tutti simulate house: The stand-alone simulated house (use tutti demo --broker) is not in this version yet.")]
    [InlineData("echo login", "tutti echo login: Signing in to Amazon by browser is not in this version yet.")]
    [InlineData("support-bundle", "tutti support-bundle: The support bundle is not in this version yet.")]
    public void Who_types_one_all_the_same_is_told_so(string arguments, string expected)
    {
        var (exit, output, error) = Cli.Run(Program.Root(), arguments.Split(' '));

        Assert.Equal((ExitCodes.PartMissing, ""), (exit, output));
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }
}
