using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.House;

/// <summary>A speaker's figures of this second (<c>…/sync</c>). Null: not known; without acoustic evidence there is no offset.</summary>
/// <param name="JitterMs">Standard deviation of the offset over 10 s.</param>
/// <param name="Confidence">0..1: how sure the offset is, from the calibration's quality and the loop's state.</param>
/// <param name="Dropouts">Gaps since the output was opened.</param>
public sealed record SpeakerTelemetry(
    DateTimeOffset At, string Group, double? OffsetMs, double? LatencyMs, double? DriftPpm, double? CorrectionPpm, double? JitterMs, double Confidence,
    int Dropouts, SyncEvidence? Evidence, double? AgeS, LoopState Loop);

/// <summary>A group's figures of this second (<c>…/sync</c>).</summary>
public sealed record GroupTelemetry(
    DateTimeOffset At, double? SpreadMs, SyncClass? Class, SyncEvidence? Evidence, double? AgeS, IReadOnlyList<string> Worst, IReadOnlyList<string> Missing);

/// <summary>Everything that playback tells once a second, by id.</summary>
/// <param name="Plot">A new picture of the offsets (SVG); null: unchanged.</param>
public sealed record SyncReport(IReadOnlyDictionary<string, GroupTelemetry> Groups, IReadOnlyDictionary<string, SpeakerTelemetry> Speakers, string? Plot);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SpeakerTelemetry))]
[JsonSerializable(typeof(GroupTelemetry))]
internal sealed partial class SyncJson : JsonSerializerContext;
