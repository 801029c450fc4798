using System.Text.Json.Nodes;

namespace Gateway.Simulation;

/// <summary>What the cloud knows of Echos that nothing else in the house depends on. Thread-safe.</summary>
internal sealed class AlexaExtras
{
    private const int MostSequences = 1000;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _doNotDisturb = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);
    private readonly Queue<JsonNode> _sequences = new();

    public bool IsDoNotDisturb(string serial)
    {
        lock (_gate) return _doNotDisturb.Contains(serial);
    }

    public void SetDoNotDisturb(string serial, bool on)
    {
        lock (_gate) _ = on ? _doNotDisturb.Add(serial) : _doNotDisturb.Remove(serial);
    }

    /// <summary>The player's, where somebody told it one; null: nobody did.</summary>
    public string? StateOf(string serial)
    {
        lock (_gate) return _states.GetValueOrDefault(serial);
    }

    public void SetState(string serial, string state)
    {
        lock (_gate) _states[serial] = state;
    }

    /// <summary>A leaf of a sequence that ran: what was spoken, said to it, played.</summary>
    public void Ran(JsonNode leaf)
    {
        lock (_gate)
        {
            if (_sequences.Count == MostSequences) _sequences.Dequeue();
            _sequences.Enqueue(leaf.DeepClone());
        }
    }

    public JsonArray Sequences()
    {
        lock (_gate) return new JsonArray([.. _sequences.Select(s => s.DeepClone())]);
    }

    public void Reset()
    {
        lock (_gate)
        {
            _doNotDisturb.Clear();
            _states.Clear();
            _sequences.Clear();
        }
    }
}
