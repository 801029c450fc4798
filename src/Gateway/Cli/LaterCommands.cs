using System.CommandLine;

namespace Gateway.Cli;

/// <summary>Subcommands whose feature is not built yet: they exist, say so, and exit with <see cref="ExitCodes.PartMissing"/>.</summary>
internal static class LaterCommands
{
    public static Command Simulate() => new("simulate", "Simulated parts for trying things out (the whole house: tutti demo).")
    {
        Later("echo", "A simulated Echo cloud.", "The simulated Echo cloud for other clients"),
        Later("house", "A simulated house on a broker of yours.", "The stand-alone simulated house (use tutti demo --broker)"),
    };

    public static Command Echo() => new("echo", "Amazon account.")
    {
        Later("login", "Log in to the Alexa web API.", "The Alexa web API"),
    };

    public static Command SupportBundle() => Later("support-bundle", "Collect what a bug report needs, without secrets.", "The support bundle");

    public static Command HomeAssistant() => new("home-assistant", "Files for Home Assistant.")
    {
        Later("media-players", "Write universal media players for the groups.", "The media player file"),
    };

    private static Command Later(string name, string description, string feature)
    {
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(parsed =>
        {
            var path = string.Join(' ', parsed.CommandResult.Parent is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } parent ? [parent.Command.Name, name] : new[] { name });
            Console.Error.WriteLine($"tutti {path}: {feature} is not in this version yet. The README's table says what works.");
            return ExitCodes.PartMissing;
        });
        return command;
    }
}
