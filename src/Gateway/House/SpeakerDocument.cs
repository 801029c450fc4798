using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.House;

public sealed record SpeakerDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }
    public string? Address { get; init; }

    /// <summary>The sound server's output that it is; null: a Bluetooth speaker.</summary>
    public string? Sink { get; init; }
    public bool? Paired { get; init; }

    /// <summary>Adapter ids (MAC as 12 hex digits).</summary>
    public ValueList<string> PairedOn { get; init; } = [];

    public required SpeakerLink Link { get; init; }
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

public sealed record StabilityDocument(double Value, StabilityEvidence Evidence);

public sealed record CalibrationDocument(CalibrationStatus State, DateTimeOffset? At, double? LatencyMs, double? Quality)
{
    public static CalibrationDocument None { get; } = new(CalibrationStatus.None, null, null, null);
}

/// <param name="Evidence">Null: none.</param>
public sealed record SpeakerSyncDocument(
    double? OffsetMs, double? LatencyMs, double? DriftPpm, double? JitterMs, double? Confidence, SyncEvidence? Evidence, double? AgeS)
{
    public static SpeakerSyncDocument Nothing { get; } = new(null, null, null, null, null, null, null);
}

/// <summary>A last error: plain words and the rule's id where one applies.</summary>
public sealed record ErrorDocument(string Text, string? Rule);
