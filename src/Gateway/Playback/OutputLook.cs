using Gateway.Engine.Ports;

namespace Gateway.Playback;

/// <summary>Who can sound now, and what else can be heard, by the word of all that provide it: one look, which does not change.</summary>
internal sealed class OutputLook(IReadOnlyList<OutputsSnapshot> kinds)
{
    public static OutputLook Nothing { get; } = new([]);

    /// <summary>Sources that are there and are none of the house's devices.</summary>
    public IReadOnlyList<SourceOffer> Sources { get; init; } = [];

    /// <summary>The way to a device's loudspeaker; null: it cannot sound now.</summary>
    /// <param name="address">Its Bluetooth address; null: not known, or it has none.</param>
    public OutputRef? Find(string id, string? address) => KindOf(id, address)?.ByDevice is { } outputs ? outputs.GetValueOrDefault(id) ?? outputs.GetValueOrDefault(address!) : null;

    /// <summary>Why nothing can be opened for it although it may be there, as the second half of a sentence; null: nothing stands in the way. A device that nobody sees now may be of any kind.</summary>
    public string? RefusalOf(string id, string? address) => KindOf(id, address) is { } kind ? kind.Refusal : IsKnown(id) ? null : kinds.Select(k => k.Refusal).FirstOrDefault(r => r is not null);

    /// <summary>What helps against that, in sentences; null: nothing is known to.</summary>
    public string? RemedyOf(string id, string? address) => KindOf(id, address) is { } kind ? kind.Remedy : kinds.FirstOrDefault(k => k.Refusal is not null)?.Remedy;

    /// <summary>Why a device that should have an output has none, and the remedy, in sentences; null: it has one, or nobody knows.</summary>
    public string? WhyMissing(string id, string? address) => kinds.Select(k => k.Missing.GetValueOrDefault(id) ?? k.Missing.GetValueOrDefault(address ?? id)).FirstOrDefault(m => m is not null);

    /// <summary>Its output is about to come.</summary>
    public bool IsComing(string id, string? address) => kinds.Any(k => k.Coming.Contains(id) || (address is not null && k.Coming.Contains(address)));

    /// <summary>Its provider has a word of its own on it.</summary>
    private bool IsKnown(string id) => kinds.Any(k => k.Missing.ContainsKey(id) || k.Coming.Contains(id));

    private OutputsSnapshot? KindOf(string id, string? address) => kinds.FirstOrDefault(k => k.ByDevice.ContainsKey(id) || (address is not null && k.ByDevice.ContainsKey(address)));
}
