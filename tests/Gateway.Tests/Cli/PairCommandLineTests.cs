using Gateway.Cli;
using Gateway.Cli.Client;
using Gateway.Cli.Pair;

namespace Gateway.Tests.Cli;

public sealed class PairCommandLineTests
{
    [Theory]
    [InlineData("and takes no SPEAKER", "kitchen", "--open")]
    [InlineData("--open goes with neither", "--open", "--connect")]
    [InlineData("exclude each other", "kitchen", "--forget", "--connect")]
    [InlineData("tutti pair --forget SPEAKER", "--forget")]
    [InlineData("tutti pair SPEAKER --connect", "--connect")]
    [InlineData("Add --connect", "kitchen", "--no-test")]
    [InlineData("The speaker's name is empty", " ")]
    public void What_does_not_go_together_ends_with_2_and_the_remedy(string words, params string[] arguments)
    {
        var ran = Cli.Run(PairCommand.Create(), arguments);

        Assert.Equal((ExitCodes.UsageOrConfiguration, ""), (ran.Exit, ran.Output));
        Assert.Contains(words, ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("121")]
    [InlineData("long")]
    public void A_search_is_1_to_120_seconds_long(string seconds) =>
        Assert.NotEmpty(PairCommand.Create().Parse(["--seconds", seconds]).Errors);

    [Theory]
    [InlineData("Küche 🔊 日本", "Küche 🔊 日本")]
    [InlineData("\u001b[2J\u009b31m\r\n\u0007", "?[2J?31m???")]
    [InlineData("a\u202eb\u2066c\u2028d", "a?b?c?d")]
    [InlineData("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧")]
    public void Names_from_the_air_cannot_steer_the_terminal(string name, string shown) => Assert.Equal(shown, Terminal.Plain(name));

    // Half a character cannot stand in an attribute.
    [Fact]
    public void Half_a_character_is_shown_as_one_that_is_missing() => Assert.Equal("half \ufffd", Terminal.Plain("half \ud83d"));
}
