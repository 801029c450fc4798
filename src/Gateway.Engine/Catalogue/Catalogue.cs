namespace Gateway.Engine;

/// <summary>The direction of a socket, as <c>config/echo-models.yaml</c> writes it.</summary>
public enum Socket
{
    Unknown,
    None,
    Out,
    In,
    InOut,
}

/// <summary>How sure the catalogue is of a socket (T2: <see cref="Unverified"/> and <see cref="Unknown"/> are asked, not refused).</summary>
public enum Certainty
{
    Unknown,
    Unverified,
    Flag,
    Single,
    Verified,
}

/// <summary>An Echo model of <c>config/echo-models.yaml</c>.</summary>
/// <param name="Type">Amazon's device type, such as <c>A4ZXE0RM7LQ7A</c>.</param>
/// <param name="Model">Such as <c>Echo Dot (5th gen)</c>.</param>
/// <param name="MultiRoom">The model can play in Wi-Fi groups; null: not known.</param>
public sealed record EchoModel(string Type, string Model, Socket Jack, Socket Optical, Certainty JackSource, bool? MultiRoom, string? Note)
{
    /// <summary>The independent tables that give this type this name; empty: the name is in doubt.</summary>
    public IReadOnlyList<string> NamesFrom { get; init; } = [];
}

/// <summary>A speaker model of <c>config/speakers.yaml</c> (rules S1-S6 and what users add).</summary>
public sealed record SpeakerModel
{
    /// <summary>The rule's id, such as <c>S1</c>; users' own entries may use any text.</summary>
    public required string Rule { get; init; }
    public required string Model { get; init; }
    public string? Vendor { get; init; }

    /// <summary>Case-blind glob patterns (<c>*</c>) that a device's or model name is matched with.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Case-blind prefixes of Bluetooth modaliases.</summary>
    public IReadOnlyList<string> Modaliases { get; init; } = [];

    /// <summary>Pairing stability 0-5 as published; null where not rated.</summary>
    public double? Stability { get; init; }
    public string? Feasibility { get; init; }
    public string? Limitation { get; init; }
    public string? Remedy { get; init; }
    public double? RemedyRating { get; init; }

    /// <summary>S1: powers off after so many idle minutes.</summary>
    public double? IdlePowerOffMinutes { get; init; }

    /// <summary>S3: rejects a second connection and locks pairing down: few, widely spaced attempts.</summary>
    public bool Exclusive { get; init; }

    /// <summary>S2: connects through the maker's app only.</summary>
    public bool AppOnly { get; init; }

    /// <summary>S4: the brand's own multi-speaker mode; null where it has none.</summary>
    public string? PartyMode { get; init; }

    /// <summary>S5: offer the plainest configuration (SBC) first.</summary>
    public bool PlainestCodecFirst { get; init; }
    public bool? AirPlay { get; init; }
    public string? Source { get; init; }
}

/// <summary>A hardware transmitter model (T1).</summary>
/// <param name="KnownGood">Its speakers stay within 15 ms.</param>
public sealed record TransmitterModel(string Model, IReadOnlyList<string> Names, bool KnownGood, int? Slots, string? Source);

/// <summary>The catalogue: data of <c>config/*.yaml</c>, immutable. Order of belief: configuration, live flags, catalogue.</summary>
public sealed record Catalogue(IReadOnlyList<EchoModel> Echoes, IReadOnlyList<SpeakerModel> Speakers, IReadOnlyList<TransmitterModel> Transmitters)
{
    public static Catalogue Empty { get; } = new([], [], []);
}
