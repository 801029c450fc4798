using System.Text.Json.Serialization;

namespace Gateway.Engine;

/// <summary>The direction of an Echo's one link (L4: the role belongs to the link).</summary>
public enum LinkRole
{
    [JsonStringEnumMemberName("plays_to")] PlaysTo,
    [JsonStringEnumMemberName("receives_from")] ReceivesFrom,
}

/// <summary>An Echo's live link.</summary>
/// <param name="Peer">The id of the speaker, or of our adapter (its address as 12 hex digits), where we know it; else any text.</param>
public sealed record EchoLink(string Peer, LinkRole Role);

/// <summary>One of our radios as seen now.</summary>
public sealed record ObservedAdapter
{
    /// <summary>The kernel's name now (<c>hci0</c>): for people and plans, never a key.</summary>
    public required string Name { get; init; }

    /// <summary>Null where a house file leaves it out.</summary>
    public BluetoothAddress? Address { get; init; }
    public Fact<bool> Powered { get; init; }
    public Fact<bool> LeAudio { get; init; }

    /// <summary>Streams this adapter was found to carry (T4, learned down on failures); null: nothing learned.</summary>
    public int? LearnedMaxStreams { get; init; }

    /// <summary>When that was, for the sentence that refuses; null: not known.</summary>
    public DateTimeOffset? LearnedAt { get; init; }
}

/// <summary>An Echo as seen now; facts not known are unknown.</summary>
public sealed record ObservedEcho
{
    public required string Id { get; init; }
    public Fact<bool> Online { get; init; }
    public Fact<string> Firmware { get; init; }
    public Fact<string> Account { get; init; }
    public Fact<string> Network { get; init; }

    /// <summary>Names of our adapters it is paired on; known empty: on none, and so no link with us can be made.</summary>
    public Fact<IReadOnlyList<string>> PairedOn { get; init; }

    /// <summary>Known null: no link.</summary>
    public Fact<EchoLink?> Link { get; init; }

    /// <summary>The id of the Wi-Fi group it plays in now; known null: none.</summary>
    public Fact<string?> WifiGroup { get; init; }
    public Fact<AudioOutput> AudioOutput { get; init; }

    /// <summary>Known false: this Echo's control path cannot set its audio output, somebody has to (T2); unknown: it is tried.</summary>
    public Fact<bool> AudioOutputSettable { get; init; }

    /// <summary>The cloud's own word on whether it may join groups; unknown: the family decides.</summary>
    public Tristate AlexaGroup { get; init; }
}

/// <summary>A speaker as seen now.</summary>
public sealed record ObservedSpeaker
{
    public required string Id { get; init; }

    /// <summary>Of an output of the sound server: the server has it.</summary>
    public Fact<bool> Reachable { get; init; }

    /// <summary>Names of the adapters it is paired on; known empty: on none.</summary>
    public Fact<IReadOnlyList<string>> PairedOn { get; init; }

    /// <summary>The name of the adapter it is connected on; known null: not connected to us.</summary>
    public Fact<string?> ConnectedOn { get; init; }
    public Fact<bool> HeldElsewhere { get; init; }

    /// <summary>Bluetooth modalias (<c>bluetooth:v…p…d…</c>), for the catalogue.</summary>
    public string? Modalias { get; init; }

    /// <summary>The cloud's own word on whether it may join Wi-Fi groups (G1); unknown: configuration and Matter mark decide.</summary>
    public Tristate AlexaGroup { get; init; }
}

/// <summary>A device that can play to us, by its address: what <c>phone:</c> names.</summary>
/// <param name="PairedOn">Names of our adapters.</param>
/// <param name="PlaysOn">The name of the adapter that it has a link with, as the one who plays; null: none.</param>
public sealed record ObservedPhone(BluetoothAddress Address, IReadOnlyList<string> PairedOn, string? PlaysOn);

/// <summary>A Wi-Fi group that exists in the Alexa account. Members are ids.</summary>
public sealed record ObservedWifiGroup(string Id, IReadOnlyList<string> Members);

/// <summary>A stereo pair that exists in the Alexa account.</summary>
public sealed record ObservedStereoPair(string Id, string Left, string Right);

/// <summary>What is seen of the house now. A null list is "not known", an empty one "known to be none".</summary>
public sealed record HouseObservation
{
    public IReadOnlyList<ObservedAdapter>? Adapters { get; init; }
    public IReadOnlyList<ObservedEcho> Echoes { get; init; } = [];
    public IReadOnlyList<ObservedSpeaker> Speakers { get; init; } = [];
    public IReadOnlyList<ObservedPhone>? Phones { get; init; }
    public IReadOnlyList<ObservedWifiGroup>? WifiGroups { get; init; }
    public IReadOnlyList<ObservedStereoPair>? StereoPairs { get; init; }

    /// <summary>Transmitters' measured spread between their speakers in milliseconds, by transmitter id (T1).</summary>
    public IReadOnlyDictionary<string, double> TransmitterSpreadMs { get; init; } = new Dictionary<string, double>();

    public static HouseObservation Nothing { get; } = new();
}

/// <summary>Everything the planner may look at: immutable.</summary>
public sealed record House(HouseConfiguration Configured, HouseObservation Observed, Catalogue Catalogue)
{
    public Abilities Abilities { get; init; } = Abilities.ThisVersion;
}
