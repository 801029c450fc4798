using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Reconciler.Echoes;

namespace Gateway.Reconciler;

/// <summary>Commands to adapters and to the gateway itself.</summary>
internal sealed class GatewayCommands(LoopContext loop, Pairing pairing)
{
    private readonly HouseView _view = loop.View;
    private readonly Journal _journal = loop.Journal;
    private readonly Operations _operations = loop.Operations;
    private readonly IBluetooth _bluetooth = loop.Ports.Bluetooth;

    public void SetPowered(Command command)
    {
        var (adapter, on) = (AdapterOf(command), CommandValues.OnOff(command));
        _operations.Begin(command, token => _bluetooth.SetPoweredAsync(adapter.Address, on, token));
    }

    public void SetDiscovering(Command command)
    {
        var (adapter, on) = (AdapterOf(command), CommandValues.OnOff(command));
        _operations.Begin(command, token => _bluetooth.SetDiscoveringAsync(adapter.Address, on, token));
    }

    public void SetPairingMode(Command command)
    {
        var on = CommandValues.OnOff(command);
        if (on) pairing.ForWhoeverComes();
        var adapters = pairing.AdaptersFor(on);
        _operations.Begin(command, token => Operations.OnEachAsync(adapters, a => _bluetooth.SetPairingModeAsync(a.Address, on, token)), report: () => on ? pairing.HowToPair(null, pairing.OpenAdapters()) : null);
    }

    public void Rescan(Command command)
    {
        CommandValues.Press(command);
        var adapters = _view.Registry.Adapters.Values.Where(a => a.Powered).ToList();
        if (adapters.Count == 0)
        {
            throw new RefusedException(_view.Bluetooth.Problem ?? "No adapter is there and powered. Plug one in, switch its Powered on, or list it in bluetooth.adapters.");
        }

        _operations.Begin(command, token => Operations.OnEachAsync(adapters, a => _bluetooth.SetDiscoveringAsync(a.Address, true, token)));
    }

    /// <summary>A bare answer goes to the one question there is; one that comes too late must not let in whoever asks next, and so may name its question.</summary>
    public void AnswerPairing(Command command)
    {
        if (pairing.NameByAnswer(command)) return;
        var (accept, id) = CommandValues.PairingAnswer(command);
        var open = loop.Ports.PairingQuestions?.Open ?? [];
        if (open.Count == 0) throw new RefusedException("No pairing is waiting for an answer. Answer when the event pairing_question asks, while its device still waits; or pair again.");
        var asked = string.Join(" ", open.Select(q => $"{q.Id}: {q.Text}"));
        if (id is null && open.Count > 1) throw new RefusedException($"{open.Count} pairings are waiting for an answer, and this one does not say which it means. Add the number: ON {open[0].Id}. Open are {asked}");
        if (!loop.Ports.PairingQuestions!.Answer(id ?? open[0].Id, accept)) throw new RefusedException($"Question {id ?? open[0].Id} does not wait for an answer (any more): it was answered, its device gave up, or its 30 s are over. Open: {asked}");
        _journal.End(command, CommandResult.Done, null, []);
    }

    private RadioAdapter AdapterOf(Command command) => _view.Registry.Adapters.Values.First(a => a.Address.Id == command.Id);
}
