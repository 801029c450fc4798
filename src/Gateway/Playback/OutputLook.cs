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

    private OutputsSnapshot? KindOf(string id, string? address) => kinds.FirstOrDefault(k => k.ByDevice.ContainsKey(id) || (address is not null && k.ByDevice.ContainsKey(address)));
}
