using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;

namespace Gateway.Cli.Pair;

/// <summary>
/// Shows a device's question whether it may come in. Where somebody sits at the terminal, the answer is asked for, else it is said how to
/// give it. The gateway has at most one question open, and its only kind is yes or no (a PIN it knows, a passkey it shows).
/// </summary>
internal sealed class PairingQuestions
{
    private readonly GatewayClient _gateway;
    private readonly Terminal _terminal;

    // Touched inside the gateway client's waits only.
    private TextReader? _input;
    private bool _reading;
    private bool _open;

    private PairingQuestions(GatewayClient gateway, Terminal terminal)
    {
        (_gateway, _terminal, _input) = (gateway, terminal, terminal.Input);
        gateway.Happened += e =>
        {
            if (e.Type == "pairing_question") Ask(e.Text);
        };
    }

    private string Target => $"gateway/{_gateway.GatewayId}/pairing_answer";

    /// <summary>As long as the client lives.</summary>
    public static void Watch(GatewayClient gateway, Terminal terminal) => _ = new PairingQuestions(gateway, terminal);

    private void Ask(string question)
    {
        _terminal.Tell(question.Replace(Reconciler.Reconciler.HowToAnswer, "", StringComparison.Ordinal).TrimEnd());
        var seconds = PairingAgent.Patience.TotalSeconds;
        if (_input is null)
        {
            _terminal.Tell($"Answer within {seconds:0} s by MQTT: ON to {_gateway.CommandTopic(Target)} lets it in, OFF does not.");
            return;
        }

        _open = true;
        _terminal.Tell($"y lets it in, n does not (then Enter; {seconds:0} s without an answer are a no):");
        if (!_reading) StartReading(_input);
    }

    // A console's read cannot be given up, so it has a thread that does not hold up the end of the program.
    private void StartReading(TextReader input)
    {
        _reading = true;
        new Thread(() =>
        {
            while (input.ReadLine() is { } line) _gateway.Post(() => AnswerAsync(line));
            _gateway.Post(() =>
            {
                _input = null;
                return Task.CompletedTask;
            });
        }) { IsBackground = true, Name = "terminal" }.Start();
    }

    private async Task AnswerAsync(string line)
    {
        if (!_open) return;
        var answer = line.Trim().ToUpperInvariant();
        if (answer is not ("Y" or "YES" or "N" or "NO"))
        {
            _terminal.Tell("Write y or n.");
            return;
        }

        _open = false;
        var allow = answer[0] == 'Y';
        var end = await _gateway.AskAsync(Target, allow ? "ON" : "OFF", GatewayClient.FirstAnswer, CancellationToken.None);
        _terminal.Tell(end.IsDone ? allow ? "It is let in." : "It is turned away." : end.Reason ?? end.Result);
    }
}
