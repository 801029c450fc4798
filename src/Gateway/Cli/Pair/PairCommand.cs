using System.CommandLine;
using Gateway.Cli.Client;
using Gateway.Cli.Devices;

namespace Gateway.Cli.Pair;

/// <summary><c>tutti pair</c>: pairing by the running gateway, which alone owns the adapters.</summary>
internal static class PairCommand
{
    private const string Help = """
        Pair a speaker with the running gateway, by id, name or Bluetooth address. Without SPEAKER: search, and list what can be paired.
        Exit codes: 0 it is done, 2 wrong usage or a name of several, 3 the pairing was refused or failed, or the test sound did (or nobody paired while --open),
        5 no broker, no gateway or no such speaker on the air
        """;

    private static readonly (string, int) s_stopped = ("Stopped waiting; what the gateway has begun it ends by itself, within a minute.", ExitCodes.Infeasible);

    public sealed record Request(string? Speaker)
    {
        public bool Forget { get; init; }
        public bool Open { get; init; }

        /// <summary>With <see cref="Open"/>: the Echo that shall come; null: whoever comes.</summary>
        public string? Echo { get; init; }
        public bool Connect { get; init; }

        /// <summary>With <see cref="Connect"/>: a test sound at the end.</summary>
        public bool Test { get; init; } = true;
        public int Seconds { get; init; } = AirSearch.UsualSeconds;
        public string? Config { get; init; }
        public string? Broker { get; init; }
        public bool Json { get; init; }
    }

    public static Command Create()
    {
        var speaker = new Argument<string?>("SPEAKER") { Description = "Id, name or Bluetooth address; one that is not known yet is searched for", Arity = ArgumentArity.ZeroOrOne };
        var connect = new Option<bool>("--connect") { Description = "Connect it too, keep it connected, and play a short test sound on it" };
        var noTest = new Option<bool>("--no-test") { Description = "With --connect: no test sound" };
        var forget = new Option<bool>("--forget") { Description = "Remove the pairing of SPEAKER (or of an Echo) instead" };
        var open = new Option<bool>("--open") { Description = "Let an Echo or a phone pair with the gateway: pairing mode for up to 3 minutes; Ctrl-C ends it" };
        var echo = new Option<string?>("--echo") { Description = "With --open: which Echo it is for, by id or name; the one that pairs becomes it", HelpName = "ECHO" };
        var seconds = DevicesCommand.SearchSeconds();
        var config = ClientCommand.Config();
        var broker = ClientCommand.Broker();
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout: the gateway's last answer, or the list" };
        var command = new Command("pair", Help) { speaker, connect, noTest, forget, open, echo, seconds, config, broker, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Request(parsed.GetValue(speaker))
            {
                Connect = parsed.GetValue(connect), Test = !parsed.GetValue(noTest), Forget = parsed.GetValue(forget), Open = parsed.GetValue(open), Echo = parsed.GetValue(echo),
                Seconds = parsed.GetValue(seconds), Config = parsed.GetValue(config), Broker = parsed.GetValue(broker), Json = parsed.GetValue(json),
            },
            ClientCommand.TerminalOf(parsed), cancellationToken));
        return command;
    }

    public static async Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellationToken)
    {
        if (Misuse(request) is { } misuse)
        {
            terminal.Tell(misuse);
            return ExitCodes.UsageOrConfiguration;
        }

        return await ClientCommand.RunAsync(new GatewayPlace(request.Config, request.Broker), "pair", terminal, gateway =>
        {
            PairingQuestions.Watch(gateway, terminal);
            return request switch
            {
                { Open: true } => PairingDoor.RunAsync(request, gateway, terminal, cancellationToken),
                { Speaker: null } => PairingCandidates.ListAsync(request, gateway, terminal, cancellationToken),
                { Forget: true } => SpeakerPairing.ForgetAsync(request, gateway, terminal, cancellationToken),
                _ => SpeakerPairing.PairAsync(request, gateway, terminal, cancellationToken),
            };
        }, s_stopped, cancellationToken);
    }

    private static string? Misuse(Request request) => request switch
    {
        { Open: true, Speaker: not null } => "--open lets in whoever comes, and takes no SPEAKER. Leave one of the two out.",
        { Open: true } when request.Forget || request.Connect => "--open goes with neither --forget nor --connect. Use it alone.",
        { Open: false, Echo: not null } => "--echo says for which Echo pairing mode is opened. Add --open: tutti pair --open --echo ECHO.",
        { Echo: { } echo } when string.IsNullOrWhiteSpace(echo) => "The Echo's name is empty. Give its id or name (tutti devices lists them).",
        { Forget: true, Connect: true } => "--forget and --connect exclude each other. Give one of the two.",
        { Forget: true, Speaker: null } => "It is not said what to forget. Give a speaker: tutti pair --forget SPEAKER (tutti devices lists them).",
        { Connect: false, Test: false } => "--no-test leaves out the test sound of --connect. Add --connect, or leave --no-test out.",
        { Connect: true, Speaker: null } => "It is not said what to connect. Give a speaker: tutti pair SPEAKER --connect.",
        { Speaker: { } speaker } when string.IsNullOrWhiteSpace(speaker) => "The speaker's name is empty. Give its id, name or address (tutti devices lists them).",
        _ => null,
    };
}
