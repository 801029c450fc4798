using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Gateway.Cli.Devices;

namespace Gateway.Cli.Pair;

/// <summary><c>pair SPEAKER</c> and <c>pair --forget SPEAKER</c>.</summary>
internal static class SpeakerPairing
{
    /// <summary>The gateway gives a device 55 s from its turn on. Behind others in the queue it may take longer: then only the waiting ends here.</summary>
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(70);

    public static async Task<int> PairAsync(PairCommand.Request request, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        var named = SpeakerNames.Find(gateway, request.Speaker!);
        if (named.Speaker is { Address: not null } known) return await PairAsync(request, known, gateway, terminal, cancellationToken);
        if (named.Several)
        {
            terminal.Tell(named.Problem);
            return ExitCodes.UsageOrConfiguration;
        }

        if (named.Speaker is null && SpeakerNames.FindEcho(gateway, request.Speaker!).Speaker is { } echo)
        {
            terminal.Tell($"{echo.Name} is an Echo, and an Echo pairs from its own side. Run tutti pair --open --echo {echo.Id} and say to it: \"Alexa, pair\".");
            return ExitCodes.UsageOrConfiguration;
        }

        // It stays on until the pairing has ended: BlueZ forgets a device that it has only seen soon after the search.
        await using var search = await AirSearch.StartAsync(gateway, terminal);
        if (search is null) return ExitCodes.Infeasible;
        terminal.Tell($"{WhyToLook(named)} Searching the air for up to {request.Seconds} s: put the speaker into pairing mode and bring it near.");
        await gateway.UntilAsync(() => (named = SpeakerNames.Find(gateway, request.Speaker!)) is { Speaker.Address: not null } or { Several: true }, TimeSpan.FromSeconds(request.Seconds), cancellationToken);
        if (named.Speaker is { Address: not null } found) return await PairAsync(request, found, gateway, terminal, cancellationToken);
        terminal.Tell($"{WhyToLook(named)} It was not found within {request.Seconds} s. Put it into pairing mode, bring it nearer and try again; tutti pair lists what is on the air.");
        return named.Several ? ExitCodes.UsageOrConfiguration : ExitCodes.PartMissing;
    }

    public static async Task<int> ForgetAsync(PairCommand.Request request, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        var named = SpeakerNames.Find(gateway, request.Speaker!);
        if (named is { Speaker: null, Several: false } && SpeakerNames.FindEcho(gateway, request.Speaker!) is { Speaker: not null } echo) named = echo;
        if (named.Speaker is not { } device)
        {
            terminal.Tell(named.Several ? named.Problem : $"{named.Problem} tutti devices lists them.");
            return ExitCodes.UsageOrConfiguration;
        }

        var end = await gateway.AskAsync($"{device.Kind}/{device.Id}/forget", "PRESS", s_end, cancellationToken);
        return Tell(request, end, terminal, end.Reason ?? $"{device.Name} is forgotten. To play to it again, pair it again.", $"{device.Name} was not forgotten");
    }

    private static string WhyToLook(NamedSpeaker named) => named.Speaker is { } addressless ? $"{addressless.Name} was never seen, so its address is not known." : named.Problem;

    private static async Task<int> PairAsync(PairCommand.Request request, DeviceState speaker, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        var end = await gateway.AskAsync($"speaker/{speaker.Id}/pair", "PRESS", s_end, cancellationToken, accepted =>
        {
            if (accepted.Adapter is { } adapter) terminal.Tell($"Pairing with {speaker.Name} on {adapter}: up to a minute. Keep it in pairing mode.");
        });
        if (!end.IsDone || !request.Connect) return Tell(request, end, terminal, PairedText(gateway, speaker, end), $"{speaker.Name} was not paired");
        terminal.Tell(PairedText(gateway, speaker, end));
        end = await gateway.AskAsync($"speaker/{speaker.Id}/connected", "ON", s_end, cancellationToken, _ => terminal.Tell($"Connecting {speaker.Name}."));
        if (!end.IsDone || !request.Test) return Tell(request, end, terminal, ConnectedText(gateway, speaker, end), $"{speaker.Name} is paired, but was not connected");
        return await TestAsync(request, speaker, end, gateway, terminal, cancellationToken);
    }

    /// <summary>A gateway that cannot play on it now (its group does, or a sound server) refuses, and all that was asked for is done.</summary>
    private static async Task<int> TestAsync(PairCommand.Request request, DeviceState speaker, GatewayAnswer connected, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        var isConnected = ConnectedText(gateway, speaker, connected);
        var end = await gateway.AskAsync($"speaker/{speaker.Id}/test", "PRESS", s_end, cancellationToken, _ => terminal.Tell($"{isConnected} Playing a test sound on it."));
        return end.IsRefused
            ? Tell(request, connected, terminal, $"{isConnected} Not tested with a sound: {end.Reason}", "")
            : Tell(request, end, terminal, end.Reason ?? "The test sound went out.", $"{speaker.Name} is connected, but the test with a sound failed");
    }

    private static string PairedText(GatewayClient gateway, DeviceState before, GatewayAnswer end)
    {
        if (end.Reason is { } reason) return reason;
        // The state stands before the answer.
        var adapters = gateway.Device("speaker", before.Id)?.Json.Texts("paired_on").Select(id => DeviceTable.AdapterName(gateway, id)).ToList() ?? [];
        return $"{before.Name} is paired{(adapters.Count == 0 ? "" : $" on {string.Join(", ", adapters)}")}.";
    }

    private static string ConnectedText(GatewayClient gateway, DeviceState speaker, GatewayAnswer end) =>
        end.Reason ?? $"{speaker.Name} is connected on {DeviceTable.AdapterName(gateway, gateway.Device("speaker", speaker.Id)?.Json.Text("adapter"))}.";

    private static int Tell(PairCommand.Request request, GatewayAnswer end, Terminal terminal, string done, string otherwise)
    {
        if (request.Json) terminal.PrintJson(end.Json.WriteTo);
        else if (end.IsDone) terminal.Print(done);
        else terminal.Tell($"{otherwise} ({end.Result}): {end.Reason}");
        return end.IsDone ? ExitCodes.Fine : ExitCodes.Infeasible;
    }
}
