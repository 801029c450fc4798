using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Gateway.House;
using Gateway.Reconciler.Echoes;

namespace Gateway.Cli.Pair;

/// <summary><c>pair --open</c>: pairing mode, who came in, and whether an Echo is heard. The gateway tells the story in events; here they are shown.</summary>
internal sealed class PairingDoor
{
    /// <summary>The gateway waits a minute for sound, and some seconds for the link.</summary>
    private static readonly TimeSpan s_test = TimeSpan.FromSeconds(120);

    private readonly GatewayClient _gateway;
    private readonly Terminal _terminal;
    private readonly bool _json;
    private readonly HashSet<string> _known;
    private readonly List<(string Name, string Address)> _paired = [];

    // Echos that got their name meanwhile; true: its test with a sound is over.
    private readonly Dictionary<string, bool> _named = new(StringComparer.Ordinal);

    private PairingDoor(GatewayClient gateway, Terminal terminal, bool json)
    {
        (_gateway, _terminal, _json) = (gateway, terminal, json);
        _known = [.. Paired().Select(p => p.Address)];
    }

    private bool IsOpen => _gateway.Gateway?.Json.Flag("pairing_mode") == true;

    private string Target => $"gateway/{_gateway.GatewayId}/pairing_mode";

    public static async Task<int> RunAsync(PairCommand.Request request, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        DeviceState? echo = null;
        if (request.Echo is { } wanted && (echo = SpeakerNames.FindEcho(gateway, wanted).Speaker) is null)
        {
            terminal.Tell($"{SpeakerNames.FindEcho(gateway, wanted).Problem} tutti devices lists the Echos.");
            return ExitCodes.UsageOrConfiguration;
        }

        var door = new PairingDoor(gateway, terminal, request.Json);
        gateway.Happened += door.Show;
        return await door.RunAsync(echo, cancellationToken);
    }

    private void Show(GatewayEvent happened)
    {
        // What keeps an Echo out (a device class that is no loudspeaker's) is told as a problem.
        if (happened.Type == HouseEventType.Problem) _terminal.Tell(happened.Text);
        if (happened.Type != HouseEventType.Pairing || happened.Text.StartsWith(PairingTexts.ModeIs, StringComparison.Ordinal)) return; // that the answer says
        if (_json) _terminal.Tell(happened.Text);
        else _terminal.Print(happened.Text);
        if (happened.Device is { } id && _gateway.Device("echo", id) is not null) _named[id] = _named.GetValueOrDefault(id) || PairingTexts.EndsTest(happened.Text);
    }

    private async Task<int> RunAsync(DeviceState? echo, CancellationToken cancellationToken)
    {
        GatewayAnswer? opened = null;
        try
        {
            opened = await _gateway.AskAsync(echo is null ? Target : $"echo/{echo.Id}/pair", echo is null ? "ON" : "PRESS", TimeSpan.FromSeconds(30), cancellationToken);
            if (!opened.IsDone)
            {
                _terminal.Tell($"Pairing mode was not switched on ({opened.Result}): {opened.Reason}");
                return ExitCodes.Infeasible;
            }

            _terminal.Tell($"{opened.Reason ?? "Pairing mode is on."} Ctrl-C ends it.");
            await WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The user has what was wanted.
        }

        // Without an answer it may be open, or just be opening.
        if (IsOpen || opened is null) await CloseAsync();
        NotePaired();
        if (_json) WriteJson();
        if (echo is null ? _paired.Count > 0 : _named.ContainsKey(echo.Id)) return ExitCodes.Fine;
        _terminal.Tell(echo is null
            ? "Nobody has paired. Forget this machine at the phone or Echo if it is listed there, and try again."
            : $"{echo.Name} has not paired. Forget this machine in the Alexa app if it is listed there (Devices, {echo.Name}, Bluetooth), and try again.");
        return ExitCodes.Infeasible;
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        // A moment longer than the door stays open: BlueZ closes it, and its word comes by three stations.
        await _gateway.UntilAsync(() =>
        {
            NotePaired();
            return !IsOpen;
        }, PairingPolicy.PairingModeTime + TimeSpan.FromSeconds(10), cancellationToken);
        if (!IsOpen) _terminal.Tell("Pairing mode has ended.");
        await _gateway.SettleAsync(cancellationToken); // who came last is known a moment later
        await _gateway.UntilAsync(() => _named.Values.All(tested => tested), s_test, cancellationToken);
    }

    private async Task CloseAsync()
    {
        var end = await _gateway.AskAsync(Target, "OFF", TimeSpan.FromSeconds(10), CancellationToken.None);
        if (end.IsDone) _terminal.Tell("Pairing mode is off.");
        else _terminal.Tell($"Pairing mode could not be switched off ({end.Result}): {end.Reason} It ends by itself within {PairingPolicy.PairingModeTime.TotalMinutes:0} minutes.");
    }

    private void NotePaired()
    {
        foreach (var (name, address) in Paired()) if (_known.Add(address)) _paired.Add((name, address));
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
