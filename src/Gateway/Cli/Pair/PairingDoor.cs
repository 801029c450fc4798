using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;

namespace Gateway.Cli.Pair;

/// <summary><c>pair --open</c>: pairing mode, and who came in.</summary>
internal sealed class PairingDoor
{
    private readonly GatewayClient _gateway;
    private readonly Terminal _terminal;
    private readonly bool _json;
    private readonly HashSet<string> _known;
    private readonly List<(string Name, string Address)> _paired = [];

    private PairingDoor(GatewayClient gateway, Terminal terminal, bool json)
    {
        (_gateway, _terminal, _json) = (gateway, terminal, json);
        _known = [.. Paired().Select(p => p.Address)];
    }

    private bool IsOpen => _gateway.Gateway?.Json.Flag("pairing_mode") == true;

    private string Target => $"gateway/{_gateway.GatewayId}/pairing_mode";

    public static async Task<int> RunAsync(PairCommand.Request request, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        var door = new PairingDoor(gateway, terminal, request.Json);
        // What keeps an Echo out (a device class that is no loudspeaker's) is told as a problem.
        gateway.Happened += e =>
        {
            if (e.Type == "problem") terminal.Tell(e.Text);
        };
        return await door.RunAsync(cancellationToken);
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        GatewayAnswer? opened = null;
        try
        {
            opened = await _gateway.AskAsync(Target, "ON", TimeSpan.FromSeconds(30), cancellationToken);
            if (!opened.IsDone)
            {
                _terminal.Tell($"Pairing mode was not switched on ({opened.Result}): {opened.Reason}");
                return ExitCodes.Infeasible;
            }

            _terminal.Tell(
                $"Pairing mode is on for up to {Door.PairingModeTime.TotalMinutes:0} minutes (Ctrl-C ends it). At the phone: Bluetooth settings, choose this machine. At the Echo: \"Alexa, pair\", or the Alexa app.");
            await WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The user has what was wanted.
        }

        // Without an answer it may be open, or just be opening.
        if (IsOpen || opened is null) await CloseAsync();
        Greet();
        if (_json) WriteJson();
        if (_paired.Count > 0) return ExitCodes.Fine;
        _terminal.Tell("Nobody has paired. Forget this machine at the phone or Echo if it is listed there, and try again.");
        return ExitCodes.Infeasible;
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        // A moment longer than the door stays open: BlueZ closes it, and its word comes by three stations.
        await _gateway.UntilAsync(() =>
        {
            Greet();
            return !IsOpen;
        }, Door.PairingModeTime + TimeSpan.FromSeconds(10), cancellationToken);
        if (!IsOpen) _terminal.Tell("Pairing mode has ended.");
        await _gateway.SettleAsync(cancellationToken); // who came last is known a moment later
    }

    private async Task CloseAsync()
    {
        var end = await _gateway.AskAsync(Target, "OFF", TimeSpan.FromSeconds(10), CancellationToken.None);
        if (end.IsDone) _terminal.Tell("Pairing mode is off.");
        else _terminal.Tell($"Pairing mode could not be switched off ({end.Result}): {end.Reason} It ends by itself within {Door.PairingModeTime.TotalMinutes:0} minutes.");
    }

    private void Greet()
    {
        foreach (var (name, address) in Paired())
        {
            if (!_known.Add(address)) continue;
            _paired.Add((name, address));
            var text = $"{name} ({address}) has paired.";
            if (_json) _terminal.Tell(text);
            else _terminal.Print(text);
        }
    }

    private IEnumerable<(string Name, string Address)> Paired() => _gateway.Sources().Select(s => (s.Name, s.Address))
        .Concat(_gateway.Devices("speaker").Where(s => s is { Paired: true, Address: not null }).Select(s => (s.Name, s.Address!)));

    private void WriteJson() => _terminal.PrintJson(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("paired");
        foreach (var (name, address) in _paired)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("address", address);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
