namespace Gateway.Engine.Ports;

/// <summary>The way to one loudspeaker, as its provider names it.</summary>
/// <param name="Scheme">Whose it is (<see cref="IOutputProvider.Scheme"/>).</param>
/// <param name="Key">Which one: in its provider's words, which nobody else reads.</param>
/// <param name="LatencyKey">What its latency depends on beside the loudspeaker. Learned latencies are stored under this text: it never changes its form.</param>
public sealed record OutputRef(string Scheme, string Key, string LatencyKey)
{
    /// <summary>The same way; what is known of it may be more than it was.</summary>
    public bool IsSame(OutputRef? other) => other is not null && (Scheme, Key) == (other.Scheme, other.Key);
}

/// <summary>The outputs of one kind that are there now; replaced whole on each change.</summary>
/// <param name="ByDevice">Whoever is in it can sound now: by the device's Bluetooth address, or by its id where it has none.</param>
/// <param name="Refusal">Why nothing of this kind is opened on this machine, although it may be there, as the second half of a sentence; null: it is.</param>
public sealed record OutputsSnapshot(IReadOnlyDictionary<string, OutputRef> ByDevice, string? Refusal = null)
{
    private static readonly Dictionary<string, string> s_none = [];

    public static OutputsSnapshot None { get; } = new(new Dictionary<string, OutputRef>());

    /// <summary>What helps against <see cref="Refusal"/>, in sentences; null: nothing is known to.</summary>
    public string? Remedy { get; init; }

    /// <summary>Devices whose output is about to come, as in <see cref="ByDevice"/>: those of Bluetooth are linked.</summary>
    public IReadOnlyCollection<string> Coming { get; init; } = [];

    /// <summary>As in <see cref="ByDevice"/>: why one that should have an output has none, and the remedy, in sentences. <see cref="Refusal"/> is not about these.</summary>
    public IReadOnlyDictionary<string, string> Missing { get; init; } = s_none;
}

/// <summary>Provides the outputs of one kind.</summary>
public interface IOutputProvider
{
    /// <summary>Of all references that it gives.</summary>
    string Scheme { get; }

    /// <summary>Any thread.</summary>
    OutputsSnapshot Current { get; }

    /// <summary><see cref="Current"/> became another by itself, not with the radio's. Any thread; handlers only hand over.</summary>
    event Action? Changed
    {
        add { }
        remove { }
    }

    /// <summary>There at once: what has to be waited for comes behind it, and nothing fits until then.</summary>
    /// <exception cref="PortException">It is not there any more, or a part is missing.</exception>
    IAudioOutput Open(OutputRef output);
}
