namespace Gateway.Reconciler.Runs;

/// <summary>An Echo's link as last seen. Touched by the reconciler's loop only.</summary>
internal sealed class EchoRun
{
    public bool Known { get; set; }

    /// <summary>The peer's id or name; null: no link.</summary>
    public string? Peer { get; set; }

    /// <summary>When that link was made.</summary>
    public TimeSpan? LinkedAt { get; set; }

    /// <summary>The peer that a running command announced to drop; named in <c>link_replaced</c> once the new link stands.</summary>
    public string? Replacing { get; set; }

    /// <summary>The next disconnect is ours, and so no loss.</summary>
    public bool DisconnectExpected { get; set; }
}

/// <summary>The Echos' links as last seen, by id. Touched by the reconciler's loop only.</summary>
internal sealed class EchoRuns
{
    private readonly Dictionary<string, EchoRun> _runs = new(StringComparer.Ordinal);

    public EchoRun Of(string id) => _runs.TryGetValue(id, out var run) ? run : _runs[id] = new EchoRun();

    /// <summary>Null: nothing is remembered of it.</summary>
    public EchoRun? Known(string id) => _runs.GetValueOrDefault(id);
}
