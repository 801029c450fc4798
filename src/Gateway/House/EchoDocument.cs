using System.Text.Json.Serialization;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.House;

public sealed record EchoDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }

    /// <summary>Its own Bluetooth address; null: not known yet.</summary>
    public string? Address { get; init; }

    [JsonConverter(typeof(WordConverter<EchoControlKind>))]
    public required EchoControlKind Control { get; init; }
    public bool? Online { get; init; }
    public string? Firmware { get; init; }
    public bool? FirmwareOk { get; init; }
    public int? Volume { get; init; }
    public required EchoBluetoothDocument Bluetooth { get; init; }
    public WifiGroupDocument? WifiGroup { get; init; }

    /// <summary>Is it in a Wi-Fi group? Null: unknown.</summary>
    public bool? InWifiGroup { get; init; }
    public AudioOutput? AudioOutput { get; init; }
    public ReadinessDocument Readiness { get; init; } = new(0, 0, 0, 0);

    /// <summary>Select options of Home Assistant: "Disconnected" and the names it can be connected to, with the address each stands for.</summary>
    [JsonIgnore]
    public ValueList<OptionDocument> BluetoothOptions { get; init; } = [];

    /// <summary>The outputs that it has or may have (for the select).</summary>
    [JsonIgnore]
    public ValueList<AudioOutput> AudioOutputOptions { get; init; } = [];

    [JsonIgnore]
    public bool Available { get; init; } = true;
}

/// <summary>An Echo's Bluetooth side.</summary>
/// <param name="State">Null: unknown.</param>
public sealed record EchoBluetoothDocument(EchoLinkState? State, PeerDocument? Peer, LinkRole? Role, ValueList<PairedDocument> Paired);

/// <summary>A peer of a link: a known id, or at least a name or address.</summary>
public sealed record PeerDocument(string? Id, string? Name, string? Address);

/// <summary>An entry of an Echo's address book (L3: paired is not connected).</summary>
public sealed record PairedDocument(string Name, string Address, LinkRole Role);

public sealed record WifiGroupDocument(string Id, string Name);

/// <summary>The checklist's counts.</summary>
public sealed record ReadinessDocument(int Pass, int Warn, int Fail, int Unknown);

/// <summary>An option's text, and what it stands for.</summary>
public sealed record OptionDocument(string Text, string Value);
