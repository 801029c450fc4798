using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>Anything in the house that holds Bluetooth links. Mutable; touched only under <see cref="World.Gate"/>.</summary>
internal abstract class Node(string id, string name, BluetoothAddress address)
{
    /// <summary>The id of the gateway's topics where the node is configured.</summary>
    public string Id { get; } = id;
    public string Name { get; } = name;

    public BluetoothAddress Address { get; } = address;
    public bool Powered { get; set; } = true;

    /// <summary>Occasions so far, by purpose: each draws anew (<see cref="SplitMix64.Of"/>).</summary>
    public Dictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    public override string ToString() => Name;
}

/// <summary>One of the gateway's radios. <see cref="Node.Name"/> is the kernel's name.</summary>
internal sealed class Adapter(string id, string name, BluetoothAddress address, AdapterRole role, int maxStreams) : Node(id, name, address)
{
    public AdapterRole Role { get; } = role;

    /// <summary>T4: streams that it can send; one received stream fits beside them.</summary>
    public int MaxStreams { get; } = maxStreams;
    public bool Discovering { get; set; }
    public bool Discoverable { get; set; }

    /// <summary>What the running (or just ended) inquiry has found.</summary>
    public Dictionary<Node, Sighting> Sightings { get; } = [];

    /// <summary>Devices whose last connect failed because another host holds them.</summary>
    public HashSet<Node> Held { get; } = [];
}

/// <param name="RssiDbm">Null once the inquiry has ended.</param>
internal readonly record struct Sighting(int? RssiDbm, DateTimeOffset At);

/// <summary>Something that can be played to by A2DP. What it adds by itself is hidden from the gateway.</summary>
internal abstract class Sink(string id, string name, BluetoothAddress address) : Node(id, name, address)
{
    private double _latencyMs;
    private volatile bool _muffled;

    /// <summary>From the frame's turn on the device's clock to the loudspeaker; drawn anew at each connect. Read by audio threads too.</summary>
    public double LatencyMs
    {
        get => Volatile.Read(ref _latencyMs);
        set => Volatile.Write(ref _latencyMs, value);
    }

    /// <summary>It plays where the microphone does not hear it: under a cushion, behind a door. Read by audio threads too.</summary>
    public bool IsMuffled
    {
        get => _muffled;
        set => _muffled = value;
    }

    /// <summary>Rate error of the device's clock; positive: fast.</summary>
    public double ClockPpm { get; set; }

    public int VolumePercent { get; set; }
    public DateTimeOffset LastSoundAt { get; set; }
}

/// <summary>A Bluetooth speaker with its model's habits.</summary>
internal sealed class Speaker(ConfiguredSpeaker configured, SpeakerModel? model, BluetoothAddress address) : Sink(configured.Id, configured.Name, address)
{
    public SpeakerModel? Model { get; } = model;
    public int BatteryPercent { get; set; }

    /// <summary>S3: pairing is locked until then.</summary>
    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>S3: refused attempts of the last minute.</summary>
    public List<DateTimeOffset> Refusals { get; } = [];

    /// <summary>S5: the handshake before this one failed.</summary>
    public bool HandshakeFailed { get; set; }
}

/// <summary>An Echo: one radio, one link (L1).</summary>
internal sealed class Echo(ConfiguredEcho configured, EchoModel? model, string serial, BluetoothAddress address) : Sink(configured.Id, configured.Name, address)
{
    public ConfiguredEcho Configured { get; } = configured;
    public EchoModel? Model { get; } = model;
    public string Serial { get; } = serial;
    public required string Firmware { get; init; }

    /// <summary>What the user selected; a <c>plays_to</c> link overrides it (L5).</summary>
    public AudioOutput ChosenOutput { get; set; } = AudioOutput.Speaker;

    /// <summary>The id of the Wi-Fi group it plays in now.</summary>
    public string? PlaysInGroup { get; set; }

    /// <summary>Its address book (L3), replaced whole so that snapshots may share it.</summary>
    public IReadOnlyList<EchoPairing> AddressBook { get; set; } = [];
}

/// <summary>A phone or other host that is none of the gateway's business.</summary>
internal sealed class OtherHost(string name, BluetoothAddress address) : Node(name, name, address);
