using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.Reconciler;

// The state documents of the MQTT contract (docs/mqtt.md): one per device, every member always present, null = unknown.
// Volumes 0-100, times ISO 8601 UTC, units in the names.

/// <summary>A peer of a link: a known id, or at least a name or address.</summary>
public sealed record PeerDocument(string? Id, string? Name, string? Address);

/// <summary>An entry of an Echo's address book (L3: paired is not connected).</summary>
public sealed record PairedDocument(string Name, string Address, LinkRole Role);

/// <summary>An Echo's Bluetooth side.</summary>
/// <param name="State">disconnected, connecting, connected; null: unknown.</param>
public sealed record EchoBluetoothDocument(string? State, PeerDocument? Peer, LinkRole? Role, ValueList<PairedDocument> Paired);

public sealed record WifiGroupDocument(string Id, string Name);

/// <summary>The checklist's counts.</summary>
public sealed record ReadinessDocument(int Pass, int Warn, int Fail, int Unknown);

/// <summary>A last error: plain words and the rule's id where one applies.</summary>
public sealed record ErrorDocument(string Text, string? Rule);

public sealed record EchoDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }

    /// <summary>Its own Bluetooth address; null: not known yet.</summary>
    public string? Address { get; init; }

    /// <summary>home_assistant, alexa_api, declared.</summary>
    public required string Control { get; init; }
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

/// <summary>An option's text, and what it stands for.</summary>
public sealed record OptionDocument(string Text, string Value);

/// <param name="Evidence">measured or catalogue.</param>
public sealed record StabilityDocument(double Value, string Evidence);

/// <param name="State">none, valid, stale.</param>
public sealed record CalibrationDocument(string State, DateTimeOffset? At, double? LatencyMs, double? Quality)
{
    public static CalibrationDocument None { get; } = new("none", null, null, null);
}

/// <param name="Evidence">reported, host, acoustic; null: none.</param>
public sealed record SpeakerSyncDocument(
    double? OffsetMs, double? LatencyMs, double? DriftPpm, double? JitterMs, double? Confidence, string? Evidence, double? AgeS)
{
    public static SpeakerSyncDocument Nothing { get; } = new(null, null, null, null, null, null, null);
}

public sealed record SpeakerDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }
    public string? Address { get; init; }
    public bool? Paired { get; init; }

    /// <summary>Adapter ids (MAC as 12 hex digits).</summary>
    public ValueList<string> PairedOn { get; init; } = [];

    /// <summary>disconnected, connecting, connected, held_elsewhere, failed.</summary>
    public required string Link { get; init; }
    public bool Connected { get; init; }

    /// <summary>The id of the adapter that it is connected on.</summary>
    public string? Adapter { get; init; }
    public string? Codec { get; init; }
    public int? Volume { get; init; }
    public double TrimMs { get; init; }
    public double? DelayMs { get; init; }

    /// <summary>What the speaker itself says about its delay; only a microphone knows (<see cref="Calibration"/>).</summary>
    public double? ReportedLatencyMs { get; init; }
    public int? Battery { get; init; }
    public int? RssiDbm { get; init; }
    public DateTimeOffset? RssiAt { get; init; }
    public StabilityDocument? Stability { get; init; }
    public double? ReconnectS { get; init; }

    /// <summary>Links lost without our asking, since the gateway started.</summary>
    public int Dropouts { get; init; }
    public bool KeepAwake { get; init; }
    public CalibrationDocument Calibration { get; init; } = CalibrationDocument.None;
    public SpeakerSyncDocument Sync { get; init; } = SpeakerSyncDocument.Nothing;
    public string? Advice { get; init; }
    public ErrorDocument? LastError { get; init; }

    [JsonIgnore]
    public bool Available { get; init; } = true;
}

public sealed record AdapterDocument
{
    /// <summary>The address as 12 hex digits: adapters are never keyed by hciN.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public bool? Powered { get; init; }
    public bool? Discovering { get; init; }
    public int StreamsUsed { get; init; }
    public int StreamsMax { get; init; }
    public AdapterRole Role { get; init; }

    [JsonIgnore]
    public string Address { get; init; } = "";

    /// <summary>What its maker calls it; null: not known.</summary>
    [JsonIgnore]
    public string? Product { get; init; }

    [JsonIgnore]
    public bool Available { get; init; } = true;
}

public sealed record TransmitterDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }
    public string? FedBy { get; init; }
    public AudioOutput? Output { get; init; }

    /// <summary>One entry per slot: the speaker's id, or null.</summary>
    public ValueList<string?> Slots { get; init; } = [];
    public double? SpreadMs { get; init; }

    /// <summary>T1: passes 15 ms; null: neither known good nor measured.</summary>
    public bool? T1Pass { get; init; }

    [JsonIgnore]
    public bool Available { get; init; } = true;
}

public sealed record GroupSyncDocument(
    double? SpreadMs, SyncClass? Class, string? Evidence, double? AgeS, ValueList<string> Worst, ValueList<string> Missing)
{
    public static GroupSyncDocument Nothing { get; } = new(null, null, null, null, [], []);
}

/// <param name="State">playing, connecting, missing, muted; null while the group is off.</param>
public sealed record MemberDocument(string Id, string? State);

public sealed record ProblemDocument(string Text, ValueList<string> Rules, string Remedy);

public sealed record GroupDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>What was asked for.</summary>
    public bool Desired { get; init; }

    /// <summary>What is.</summary>
    public bool Active { get; init; }

    /// <summary>off, planning, connecting, priming, playing, degraded, failed.</summary>
    public string Phase { get; init; } = "off";
    public Route? Route { get; init; }
    public string? Source { get; init; }
    public int? Volume { get; init; }
    public bool Muted { get; init; }
    public GroupSyncDocument Sync { get; init; } = GroupSyncDocument.Nothing;
    public ValueList<MemberDocument> Members { get; init; } = [];
    public ProblemDocument? Problem { get; init; }

    /// <summary>Select options of the source: the text shown and the written form of the source.</summary>
    [JsonIgnore]
    public ValueList<OptionDocument> SourceOptions { get; init; } = [];

    [JsonIgnore]
    public bool Available { get; init; } = true;
}

public sealed record GatewayDocument
{
    public required string Id { get; init; }
    public required string Version { get; init; }
    public ValueList<string> ActiveGroups { get; init; } = [];
    public bool PairingMode { get; init; }

    /// <summary>own or pulse.</summary>
    public string? BluetoothAudio { get; init; }
    public string? LastProblem { get; init; }

    /// <summary>What is wrong now with the gateway itself, with the remedy; null: nothing. A group's problem is in its own document.</summary>
    public string? Problem { get; init; }

    /// <summary>Null: no BlueZ was seen yet.</summary>
    public BluezDocument? Bluez { get; init; }

    /// <summary>Phones and Echos that are paired with the gateway and play to it.</summary>
    public ValueList<A2dpSourceDocument> A2dpSources { get; init; } = [];

    [JsonIgnore]
    public string Name { get; init; } = "Tutti";
}

/// <summary>An A2DP source on one of our adapters (its id).</summary>
public sealed record A2dpSourceDocument(string Name, string Address, string Adapter, bool Connected);

/// <summary>The Bluetooth service at work, and what is known to be wrong with its version.</summary>
public sealed record BluezDocument(string Version, IReadOnlyList<string> Faults);

/// <summary>A routine, for its scene and its voice topic.</summary>
public sealed record RoutineDocument(string Id, string Name);

/// <summary>The whole house, as published: immutable, replaced whole by the reconciler.</summary>
public sealed record HouseSnapshot
{
    public required GatewayDocument Gateway { get; init; }
    public IReadOnlyList<EchoDocument> Echoes { get; init; } = [];
    public IReadOnlyList<SpeakerDocument> Speakers { get; init; } = [];
    public IReadOnlyList<AdapterDocument> Adapters { get; init; } = [];
    public IReadOnlyList<TransmitterDocument> Transmitters { get; init; } = [];
    public IReadOnlyList<GroupDocument> Groups { get; init; } = [];
    public IReadOnlyList<RoutineDocument> Routines { get; init; } = [];
}

/// <summary>What happened, for <c>tutti/event</c> and Home Assistant's event entity.</summary>
/// <param name="EventType">One of <see cref="HouseEventTypes.All"/>.</param>
public sealed record HouseEvent(string EventType, DateTimeOffset At, string? Device, string? Peer, string? Group, string Text, IReadOnlyList<string> Rules)
{
    /// <summary>The number by which <c>pairing_answer</c> names a <c>pairing_question</c>; null: the event is none.</summary>
    public int? Question { get; init; }
}

public static class HouseEventTypes
{
    public static IReadOnlyList<string> All { get; } =
    [
        "link_replaced", "link_lost", "link_restored", "dropout", "jump", "calibrated", "calibration_failed", "needs_calibration",
        "member_missing", "member_back", "held_elsewhere", "pairing", "pairing_question", "source_changed", "problem",
    ];
}

/// <summary>How a command ended, or that it was accepted.</summary>
public enum CommandResult
{
    [JsonStringEnumMemberName("accepted")] Accepted,
    [JsonStringEnumMemberName("done")] Done,
    [JsonStringEnumMemberName("refused")] Refused,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("superseded")] Superseded,
}

/// <summary>An answer on <c>tutti/response</c>. <paramref name="Device"/> is <c>kind/id</c>.</summary>
public sealed record CommandResponse(
    DateTimeOffset At, string Topic, string? Device, string? Command, string? Value, string? Correlation,
    CommandResult Result, string? Reason, IReadOnlyList<string> Rules, IReadOnlyList<PlanDrop> Drops, Plan? Plan)
{
    /// <summary>The answer's own: one that comes twice, because a connection was cut, has the same; a second answer has another. Given by who sends it.</summary>
    public string? Id { get; init; }
}

/// <summary>The JSON form of everything above: snake_case, nulls written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EchoDocument))]
[JsonSerializable(typeof(SpeakerDocument))]
[JsonSerializable(typeof(AdapterDocument))]
[JsonSerializable(typeof(TransmitterDocument))]
[JsonSerializable(typeof(GroupDocument))]
[JsonSerializable(typeof(GatewayDocument))]
[JsonSerializable(typeof(HouseEvent))]
[JsonSerializable(typeof(CommandResponse))]
internal sealed partial class DocumentJson : JsonSerializerContext
{
    /// <summary>Readable text (umlauts, quotes) instead of \u escapes: MQTT payloads are UTF-8, never HTML.</summary>
    public static DocumentJson Readable => s_readable ??=
        new(new JsonSerializerOptions(Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static DocumentJson? s_readable;
}
