using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>The words that <c>tutti.yaml</c> and house files share.</summary>
internal static class HouseWords
{
    public static readonly (string, AudioOutput)[] Sockets = [("line_out", AudioOutput.LineOut), ("optical", AudioOutput.Optical)];

    public static readonly (string, AudioOutput)[] AudioOutputs = [("speaker", AudioOutput.Speaker), .. Sockets, ("bluetooth", AudioOutput.Bluetooth)];

    public static readonly (string, LinkRole)[] LinkRoles = [("plays_to", LinkRole.PlaysTo), ("receives_from", LinkRole.ReceivesFrom)];

    public static readonly (string, SecondLinkPolicy)[] Policies = [("replace", SecondLinkPolicy.Replace), ("refuse", SecondLinkPolicy.Refuse)];

    public static readonly (string, Tristate)[] Tristates =
    [
        ("yes", Tristate.Yes), ("no", Tristate.No), ("unknown", Tristate.Unknown), ("true", Tristate.Yes), ("false", Tristate.No), ("on", Tristate.Yes), ("off", Tristate.No),
    ];
}
