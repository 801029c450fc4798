namespace Gateway.Engine.Ports;

/// <summary>What the links that a radio side shows are as outputs and as sources: the same for BlueZ and for simulated radios.</summary>
public static class BluetoothLinks
{
    public const string Scheme = "bluez";

    /// <summary>A link's name, as an output's key and a source's link.</summary>
    public static string KeyOf(BluetoothAddress adapter, BluetoothAddress device) => $"{adapter}/{device}";

    public static (BluetoothAddress Adapter, BluetoothAddress Device) Read(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Split('/') is [var adapter, var device] && BluetoothAddress.Read(adapter) is { } ours && BluetoothAddress.Read(device) is { } theirs
            ? (ours, theirs)
            : throw new ArgumentException($"{key} names no link.", nameof(key));
    }

    /// <summary>Sound comes to us over a link from these.</summary>
    public static bool Carries(SourceRef source) => source is { Kind: SourceKind.Echo or SourceKind.Phone };

    /// <summary>Every device that is linked and does not play to us can be played to.</summary>
    public static OutputsSnapshot OutputsIn(BluetoothSnapshot seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var outputs = new Dictionary<string, OutputRef>(StringComparer.Ordinal);
        var linked = seen.Devices.Where(d => d.Link == RadioLink.Connected && seen.Adapters.Any(a => a.Address == d.Adapter)).DistinctBy(d => d.Address);
        foreach (var device in linked.Where(d => d.LinkedAs != RadioRole.Source))
            outputs[device.Address] = new OutputRef(Scheme, KeyOf(device.Adapter, device.Address), $"{device.Adapter}|{device.Codec ?? "unknown"}|own"); // own: by our own endpoints
        return new OutputsSnapshot(outputs);
    }
}
