using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Storage;

namespace Gateway.Playback;

/// <summary>A latency that a microphone heard.</summary>
/// <param name="LatencyMs">From the output's clock to the microphone, the microphone's own part included (common to all).</param>
/// <param name="Quality">Q of the estimate (alignment.md §3).</param>
internal sealed record LearnedLatency(double LatencyMs, double Quality, DateTimeOffset At, string Evidence);

[JsonSerializable(typeof(LearnedLatency))]
internal sealed partial class LatencyJson : JsonSerializerContext;

/// <summary>What is kept of calibrations: latencies per speaker, adapter, codec and backend (a prior after each reconnect, never a truth), and each group's delays.</summary>
internal sealed class LatencyStore(Store store, string backend)
{
    private const string LatencyScope = "latency";
    private const string DelayScope = "delay";

    public LearnedLatency? Find(PlaybackMember member)
    {
        if (store.Get(LatencyScope, KeyOf(member)) is not { } text) return null;
        try
        {
            return JsonSerializer.Deserialize(text, LatencyJson.Default.LearnedLatency);
        }
        catch (JsonException)
        {
            store.TellUnreadable(LatencyScope, KeyOf(member));
            return null;
        }
    }

    public void Keep(IEnumerable<(PlaybackMember Member, LearnedLatency Latency)> measured) => store.Keep(
        LatencyScope, [.. measured.Select(m => new KeyValuePair<string, string?>(KeyOf(m.Member), JsonSerializer.Serialize(m.Latency, LatencyJson.Default.LearnedLatency)))]);

    public double? DelayMs(string group, string speaker) =>
        store.Get(DelayScope, $"{group}/{speaker}") is { } text && double.TryParse(text, CultureInfo.InvariantCulture, out var delay) && delay is >= 0 and <= 5000 ? delay : null;

    public void KeepDelays(string group, IEnumerable<KeyValuePair<string, double>> delays) => store.Keep(
        DelayScope, [.. delays.Select(d => new KeyValuePair<string, string?>($"{group}/{d.Key}", d.Value.ToString("R", CultureInfo.InvariantCulture)))]);

    private string KeyOf(PlaybackMember member) => $"{member.Speaker}|{member.Adapter}|{member.Codec ?? "unknown"}|{backend}";
}
