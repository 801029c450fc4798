using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Bluetooth;

/// <summary>What the feature takes from the configuration.</summary>
internal sealed record BluetoothOptions
{
    /// <summary>The allow-list; null: every adapter may be used.</summary>
    public IReadOnlyList<ConfiguredAdapter>? Adapters { get; init; }
    public BluetoothAudio Audio { get; init; }

    /// <summary>T4: streams an adapter carries where the configuration says nothing.</summary>
    public int DefaultStreams { get; init; } = 3;

    /// <summary>Null: the system bus.</summary>
    public string? BusAddress { get; init; }

    public static BluetoothOptions From(TuttiConfiguration configuration) => new()
    {
        Adapters = configuration.House.Adapters,
        Audio = configuration.BluetoothAudio,
        DefaultStreams = configuration.House.Limits.DefaultStreamsPerAdapter,
    };

    /// <summary>May this adapter be touched and shown?</summary>
    public bool Allows(string name, string address) => Adapters is null || Find(name, address) is not null;

    public int StreamsOf(string name, string address) => Find(name, address)?.MaxStreams ?? DefaultStreams;

    public AdapterRole RoleOf(string name, string address) => Find(name, address)?.Role ?? AdapterRole.Both;

    private ConfiguredAdapter? Find(string name, string address) => Adapters?.FirstOrDefault(a =>
        string.Equals(a.Name, name, StringComparison.OrdinalIgnoreCase) || string.Equals(a.Address, address, StringComparison.OrdinalIgnoreCase));
}
