using System.Text.Json.Serialization;

namespace Gateway.Engine;

/// <summary>Where an Echo's sound comes out. The names are those of <c>tutti.yaml</c>, topics and plans.</summary>
public enum AudioOutput
{
    [JsonStringEnumMemberName("speaker")] Speaker,
    [JsonStringEnumMemberName("line_out")] LineOut,
    [JsonStringEnumMemberName("optical")] Optical,
    [JsonStringEnumMemberName("bluetooth")] Bluetooth,
}

/// <summary>What to do when an Echo's one link is asked for while it is in use (L2).</summary>
public enum SecondLinkPolicy
{
    Replace,
    Refuse,
}

/// <summary>What an adapter may be used for (L4).</summary>
public enum AdapterRole
{
    [JsonStringEnumMemberName("both")] Both,
    [JsonStringEnumMemberName("send")] Send,
    [JsonStringEnumMemberName("receive")] Receive,
}

/// <summary>An Echo as the configuration states it. Null or empty means "not stated".</summary>
public sealed record ConfiguredEcho
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }
    public string? Serial { get; init; }

    /// <summary>Its own Bluetooth address; null while it is not known: then only a control path, or a pairing, tells it.</summary>
    public BluetoothAddress? Address { get; init; }

    /// <summary>The sockets that play out, where the user states them: <see cref="AudioOutput.LineOut"/>, <see cref="AudioOutput.Optical"/>; null: not stated, the catalogue decides.</summary>
    public IReadOnlyList<AudioOutput>? Outputs { get; init; }
    public string? Account { get; init; }
    public string? Network { get; init; }
    public Tristate AlexaGroup { get; init; }
    public SecondLinkPolicy? OnSecondLink { get; init; }
}

/// <summary>A speaker as the configuration states it: one of Bluetooth, or an output of the sound server.</summary>
public sealed record ConfiguredSpeaker
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }

    /// <summary>Null while it is not known.</summary>
    public BluetoothAddress? Address { get; init; }

    /// <summary>The name of the sound server's output that it is (a socket, HDMI, AirPlay); null: it is a Bluetooth speaker.</summary>
    public string? Sink { get; init; }
    public Tristate AlexaGroup { get; init; }

    /// <summary>The configuration says <c>alexa_group: unknown</c> in so many words: ask, rather than take it for Bluetooth-only (G1).</summary>
    public bool AlexaGroupOpen { get; init; }

    /// <summary>The packaging shows a Matter mark (G1).</summary>
    public bool? Matter { get; init; }
    public bool? AirPlay { get; init; }
    public bool? LeAudio { get; init; }
    public string? Vendor { get; init; }
}

/// <summary>A hardware dual-link transmitter (T1-T3): its speakers are paired to it, and so are declared.</summary>
public sealed record ConfiguredTransmitter
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }
    public required int Slots { get; init; }

    /// <summary>The id of the Echo that feeds it, <c>gateway</c> for an output of this machine, or null where not stated.</summary>
    public string? FedBy { get; init; }

    /// <summary><see cref="AudioOutput.LineOut"/> or <see cref="AudioOutput.Optical"/>; null: not stated.</summary>
    public AudioOutput? Output { get; init; }

    /// <summary>Speaker ids, at most <see cref="Slots"/>.</summary>
    public IReadOnlyList<string> Speakers { get; init; } = [];
}

/// <summary>An entry of <c>bluetooth.adapters</c>: by address or by kernel name.</summary>
public sealed record ConfiguredAdapter
{
    public string? Name { get; init; }
    public BluetoothAddress? Address { get; init; }
    public int? MaxStreams { get; init; }
    public AdapterRole Role { get; init; }
}

/// <summary>A group of echoes and speakers that shall play together.</summary>
public sealed record ConfiguredGroup
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Ids of echoes and speakers.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
    public SourceRef? Source { get; init; }

    /// <summary>A route the user insists on; null: the planner chooses.</summary>
    public Route? Route { get; init; }
}

/// <summary>What a routine's step does.</summary>
public enum RoutineAction
{
    GroupOn,
    GroupOff,
    Source,
    Volume,
    Connect,
    Disconnect,
    Announce,
    Wait,
}

/// <summary>The kind of thing a routine's step acts on: a group may have the id of an Echo.</summary>
public enum RoutineTarget
{
    Group,
    Echo,
    Speaker,
}

/// <summary>One step of a routine.</summary>
/// <param name="Target">The id of the group, speaker or echo it acts on; null for <see cref="RoutineAction.Wait"/>.</param>
/// <param name="Value">
/// Source in its written form, volume 0-100, URL or file, or seconds to wait, as the action needs it. <see cref="RoutineAction.Connect"/> of an
/// Echo: the id of the speaker it shall play to, or <c>gateway</c>; of a speaker: null.
/// </param>
public sealed record RoutineStep(RoutineAction Action, string? Target, string? Value)
{
    /// <summary>What <see cref="Target"/> is; null for <see cref="RoutineAction.Wait"/>.</summary>
    public RoutineTarget? TargetKind { get; init; }
}

/// <summary>A named list of steps, run by <c>tutti/voice/&lt;id&gt;</c> or its Home Assistant scene.</summary>
public sealed record ConfiguredRoutine
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public IReadOnlyList<RoutineStep> Steps { get; init; } = [];
}

/// <summary>The house as the user describes it; every reference is already an id.</summary>
public sealed record HouseConfiguration
{
    public IReadOnlyList<ConfiguredEcho> Echoes { get; init; } = [];
    public IReadOnlyList<ConfiguredSpeaker> Speakers { get; init; } = [];
    public IReadOnlyList<ConfiguredTransmitter> Transmitters { get; init; } = [];

    /// <summary>The allow-list of adapters; null: no list, every adapter may be used.</summary>
    public IReadOnlyList<ConfiguredAdapter>? Adapters { get; init; }
    public IReadOnlyList<ConfiguredGroup> Groups { get; init; } = [];
    public IReadOnlyList<ConfiguredRoutine> Routines { get; init; } = [];
    public Limits Limits { get; init; } = new();
}

/// <summary>Limits that come from data and configuration, with cautious defaults (rules G2, G3, T1, T4 of docs/routes.md).</summary>
public sealed record Limits
{
    /// <summary>G2: members of a Wi-Fi group at most.</summary>
    public int MaxWifiGroupMembers { get; init; } = 15;

    /// <summary>G3: the lowest firmware of the dotted scheme that may join a Wi-Fi group.</summary>
    public string MinFirmware { get; init; } = "1.24.1";

    /// <summary>T4: streams an adapter carries when nothing else is known.</summary>
    public int DefaultStreamsPerAdapter { get; init; } = 3;

    /// <summary>T4: streams that a Raspberry Pi's own radio carries.</summary>
    public int StreamsOnRaspberryPiRadio { get; init; } = 1;

    /// <summary>T4: the first three bytes of the addresses that Raspberry Pi boards give their own radios (IEEE OUI register).</summary>
    public IReadOnlyList<string> RaspberryPiPrefixes { get; init; } =
        ["28:CD:C1", "2C:CF:67", "88:A2:9E", "B8:27:EB", "D8:3A:DD", "DC:A6:32", "E4:5F:01"];

    /// <summary>T4: streams of one adapter: what the user states, else what this kind of radio carries; failures that were met lower either.</summary>
    /// <param name="address">Null: not known.</param>
    public int StreamsOf(BluetoothAddress? address, int? stated, int? learned)
    {
        var isPi = address is not null && RaspberryPiPrefixes.Any(p => address.Text.StartsWith(p, StringComparison.Ordinal));
        return Math.Max(0, Math.Min(stated ?? (isPi ? StreamsOnRaspberryPiRadio : DefaultStreamsPerAdapter), learned ?? int.MaxValue));
    }

    /// <summary>T1: a transmitter passes when its speakers differ by less than this, in milliseconds.</summary>
    public double TransmitterPassMs { get; init; } = 15;

    /// <summary>May the gateway create Wi-Fi groups by itself?</summary>
    public bool CreateWifiGroups { get; init; }

    /// <summary>L2: what a second link does where the Echo itself has no policy.</summary>
    public SecondLinkPolicy OnSecondLink { get; init; }
}
