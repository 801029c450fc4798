using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Gateway.House;
using Gateway.Reconciler.Echoes;

namespace Gateway.Cli.Pair;

/// <summary>
/// Shows a device's question whether it may come in. Where somebody sits at the terminal, the answer is asked for, else it is said how to
/// give it. It is answered by yes or no (a PIN the gateway knows, a passkey it shows), or, where an Echo has paired that may be several, by its name; of several the terminal answers the last.
/// </summary>
internal sealed class PairingQuestions
{
    private readonly GatewayClient _gateway;
    private readonly Terminal _terminal;

    // Touched inside the gateway client's waits only.
    private TextReader? _input;
    private bool _reading;
    private int? _open; // the number of the question that is asked
    private bool _naming; // it is asked which Echo has paired

    private PairingQuestions(GatewayClient gateway, Terminal terminal)
    {
        (_gateway, _terminal, _input) = (gateway, terminal, terminal.Input);
        gateway.Happened += e =>
        {
            if (e is { Type: HouseEventType.PairingQuestion, Question: { } number }) Ask(number, e.Text);
            else if (e.Type == HouseEventType.PairingQuestion) AskName(e.Text);
        };
    }

    private string Target => $"gateway/{_gateway.GatewayId}/pairing_answer";

    /// <summary>As long as the client lives.</summary>
    public static void Watch(GatewayClient gateway, Terminal terminal) => _ = new PairingQuestions(gateway, terminal);

    private void Ask(int number, string question)
    {
        _terminal.Tell(question.Replace(PairingTexts.HowToAnswer(number), "", StringComparison.Ordinal).TrimEnd());
        var seconds = PairingAgent.Patience.TotalSeconds;
        if (_input is null)
        {
            _terminal.Tell($"Answer within {seconds:0} s by MQTT: \"ON {number}\" to {_gateway.CommandTopic(Target)} lets it in, \"OFF {number}\" does not.");
            return;
        }

        (_open, _naming) = (number, false);
        _terminal.Tell($"y lets it in, n does not (then Enter; {seconds:0} s without an answer are a no):");
        if (!_reading) StartReading(_input);
    }

    /// <summary>Which Echo it is has no yes and no no: the answer is its name.</summary>
    private void AskName(string question)
    {
        _terminal.Tell(question);
        if (_input is null)
        {
            _terminal.Tell($"Answer by MQTT: the Echo's id to {_gateway.CommandTopic(Target)}.");
            return;
        }

        (_open, _naming) = (null, true);
        _terminal.Tell("Write its name or id (then Enter):");
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
        if (_naming)
        {
            var named = await _gateway.AskAsync(Target, line.Trim(), GatewayClient.FirstAnswer, CancellationToken.None);
            _naming = !named.IsDone;
            if (_naming) _terminal.Tell($"{named.Reason} Write its name or id:");
            return;
        }

        if (_open is not { } number) return;
        var answer = line.Trim().ToUpperInvariant();
        if (answer is not ("Y" or "YES" or "N" or "NO"))
        {
            _terminal.Tell("Write y or n.");
            return;
        }

        _open = null;
        var allow = answer[0] == 'Y';
        var end = await _gateway.AskAsync(Target, $"{(allow ? "ON" : "OFF")} {number}", GatewayClient.FirstAnswer, CancellationToken.None);
        _terminal.Tell(end.IsDone ? allow ? "It is let in." : "It is turned away." : end.Reason ?? end.Result);
    }
}
