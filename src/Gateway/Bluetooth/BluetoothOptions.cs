using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth;

/// <summary>What the feature takes from the configuration.</summary>
internal sealed record BluetoothOptions
{
    /// <summary>The allow-list; null: every adapter may be used.</summary>
    public IReadOnlyList<ConfiguredAdapter>? Adapters { get; init; }
    public BluetoothAudio Audio { get; init; }

    /// <summary>T4: streams an adapter carries where the configuration says nothing.</summary>
    public Limits Limits { get; init; } = new();

    /// <summary>Null: the system bus.</summary>
    public string? BusAddress { get; init; }

    /// <summary>Where the kernel shows its adapters.</summary>
    public string Kernel { get; init; } = "/sys/class/bluetooth";

    /// <summary>S5: is this device (address, name, modalias) of a model that wants the plainest configuration first?</summary>
    public Func<RadioDevice, bool> PlainFirst { get; init; } = static _ => false;

    /// <summary>What the user says that a device is, by its address; null: it is not in the configuration. It is shown, whatever it says of itself.</summary>
    public Func<BluetoothAddress, RadioKind?> Configured { get; init; } = static _ => null;

    public static BluetoothOptions From(HouseConfiguration house, BluetoothAudio audio, Catalogue catalogue) => new()
    {
        PlainFirst = device => ModelOf(device, house, catalogue) is { PlainestCodecFirst: true },
        Configured = KindsOf(house).GetValueOrDefault,
        Adapters = house.Adapters,
        Audio = audio,
        Limits = house.Limits,
    };

    /// <summary>May this adapter be touched and shown?</summary>
    public bool Allows(string name, BluetoothAddress address) => Adapters is null || Find(name, address) is not null;

    /// <summary>T4. <paramref name="learned"/>: what the adapter was found to carry.</summary>
    public int StreamsOf(string name, BluetoothAddress address, int? learned = null) => Limits.StreamsOf(address, Find(name, address)?.MaxStreams, learned);

    /// <summary><c>max_streams</c> of this adapter; null: not stated.</summary>
    public int? StatedStreamsOf(string name, BluetoothAddress address) => Find(name, address)?.MaxStreams;

    public AdapterRole RoleOf(string name, BluetoothAddress address) => Find(name, address)?.Role ?? AdapterRole.Both;

    // If an entry has an address, only that counts: names change between boots.
    private ConfiguredAdapter? Find(string name, BluetoothAddress address) => Adapters?.FirstOrDefault(a => a.Address is { } listed
        ? listed == address
        : string.Equals(a.Name, name, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<BluetoothAddress, RadioKind?> KindsOf(HouseConfiguration house)
    {
        var kinds = new Dictionary<BluetoothAddress, RadioKind?>();
        foreach (var group in house.Groups)
        {
            if (group.Source is { Kind: SourceKind.Phone } source && BluetoothAddress.Read(source.Argument) is { } phone) kinds[phone] = RadioKind.Phone;
        }

        foreach (var address in house.Echoes.Select(e => e.Address).OfType<BluetoothAddress>()) kinds[address] = RadioKind.Echo;
        foreach (var address in house.Speakers.Select(s => s.Address).OfType<BluetoothAddress>()) kinds[address] = RadioKind.Speaker;
        return kinds;
    }

    private static SpeakerModel? ModelOf(RadioDevice device, HouseConfiguration house, Catalogue catalogue)
    {
        var speaker = house.Speakers.FirstOrDefault(s => s.Address == device.Address);
        return CatalogueMatch.Speaker(catalogue, speaker?.Model, device.Name, speaker?.Vendor, device.Modalias);
    }
}
