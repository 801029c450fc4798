using Gateway.Engine.Ports;

namespace Gateway.Playback;

/// <summary>Who can sound now, by the word of all that provide outputs: one look, which does not change.</summary>
internal sealed class OutputLook(IReadOnlyList<OutputsSnapshot> kinds)
{
    public static OutputLook Nothing { get; } = new([]);

    /// <summary>The way to a device's loudspeaker; null: it cannot sound now.</summary>
    /// <param name="address">Its Bluetooth address; null: not known, or it has none.</param>
    public OutputRef? Find(string id, string? address) => KindOf(id, address)?.ByDevice is { } outputs ? outputs.GetValueOrDefault(id) ?? outputs.GetValueOrDefault(address!) : null;

    /// <summary>Why nothing can be opened for it although it may be there, as the second half of a sentence; null: nothing stands in the way. A device that nobody sees now may be of any kind.</summary>
    public string? RefusalOf(string id, string? address) => KindOf(id, address) is { } kind ? kind.Refusal : kinds.Select(k => k.Refusal).FirstOrDefault(r => r is not null);

    /// <summary>What helps against that, in sentences; null: nothing is known to.</summary>
    public string? RemedyOf(string id, string? address) => KindOf(id, address) is { } kind ? kind.Remedy : kinds.FirstOrDefault(k => k.Refusal is not null)?.Remedy;

    /// <summary>Why a device that is linked has no output, and the remedy, in sentences; null: it has one, or nobody knows.</summary>
    public string? WhyMissing(string? address) => address is null ? null : kinds.Select(k => k.Missing.GetValueOrDefault(address)).FirstOrDefault(m => m is not null);

    /// <summary>It is linked, and its output is about to come.</summary>
    public bool IsComing(string? address) => address is not null && kinds.Any(k => k.Coming.Contains(address));

    private OutputsSnapshot? KindOf(string id, string? address) => kinds.FirstOrDefault(k => k.ByDevice.ContainsKey(id) || (address is not null && k.ByDevice.ContainsKey(address)));
}
