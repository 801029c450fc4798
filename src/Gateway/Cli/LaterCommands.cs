using System.CommandLine;

namespace Gateway.Cli;

/// <summary>Subcommands whose feature is not built yet: whoever types one is told so (<see cref="ExitCodes.PartMissing"/>); the help does not offer them.</summary>
internal static class LaterCommands
{
    public static Command SimulateHouse() => Later("house", "The stand-alone simulated house (use tutti demo --broker)");

    public static Command Echo() => Family("echo", Later("login", "Signing in to Amazon by browser"));

    public static Command SupportBundle() => Later("support-bundle", "The support bundle");

    public static Command HomeAssistant() => Family("home-assistant", Later("media-players", "The media player file"));

    private static Command Family(string name, params ReadOnlySpan<Command> members)
    {
        var family = Later(name, "This");
        foreach (var member in members) family.Add(member);
        return family;
    }

    private static Command Later(string name, string feature)
    {
        var command = new Command(name) { Hidden = true, TreatUnmatchedTokensAsErrors = false };
        command.SetAction(parsed =>
        {
            var path = string.Join(' ', parsed.CommandResult.Parent is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } parent ? [parent.Command.Name, name] : new[] { name });
            parsed.InvocationConfiguration.Error.WriteLine($"tutti {path}: {feature} is not in this version yet. The README's table says what works.");
            return ExitCodes.PartMissing;
        });
        return command;
    }
}
