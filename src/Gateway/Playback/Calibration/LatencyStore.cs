using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Engine.Text;
using Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback.Calibration;

/// <summary>A latency that a microphone heard.</summary>
/// <param name="LatencyMs">From the output's clock to the microphone, the microphone's own part included (common to all).</param>
/// <param name="Quality">Q of the estimate (docs/measuring.md §2).</param>
internal sealed record LearnedLatency(double LatencyMs, double Quality, DateTimeOffset At);

[JsonSerializable(typeof(LearnedLatency))]
internal sealed partial class LatencyJson : JsonSerializerContext;

/// <summary>What is kept of calibrations: latencies per speaker and what its output says that they depend on (a prior after each reconnect, never a truth), and each group's delays.</summary>
/// <remarks>Read once and held; written in order on the pool, as the loop of all groups must not wait for a disk. Otherwise touched by that loop only.</remarks>
internal sealed class LatencyStore
{
    private const string LatencyScope = "latency";
    private const string DelayScope = "delay";

    private readonly Store _store;
    private readonly ILogger _log;
    private readonly Dictionary<string, string> _latencies;
    private readonly Dictionary<string, string> _delays;

    public LatencyStore(Store store, ILogger log)
    {
        (_store, _log) = (store, log);
        _latencies = new Dictionary<string, string>(store.All(LatencyScope), StringComparer.Ordinal);
        _delays = new Dictionary<string, string>(store.All(DelayScope), StringComparer.Ordinal);
    }

    /// <summary>Ends when everything that was to be kept until now is on the disk.</summary>
    public Task Written { get; private set; } = Task.CompletedTask;

    public LearnedLatency? Find(PlaybackMember member)
    {
        if (!_latencies.TryGetValue(KeyOf(member), out var text)) return null;
        if (ForeignJson.TryRead(text, LatencyJson.Default.LearnedLatency) is { } found) return found.LatencyMs is >= -1000 and <= 10_000 ? found : null;
        _store.TellUnreadable(LatencyScope, KeyOf(member));
        return null;
    }

    public void Keep(IEnumerable<(PlaybackMember Member, LearnedLatency Latency)> measured) =>
        Write(LatencyScope, _latencies, [.. measured.Select(m => KeyValuePair.Create(KeyOf(m.Member), JsonSerializer.Serialize(m.Latency, LatencyJson.Default.LearnedLatency)))]);

    public double? DelayMs(string group, string speaker) =>
        _delays.TryGetValue($"{group}/{speaker}", out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var delay) && delay is >= 0 and <= 5000 ? delay : null;

    public void KeepDelays(string group, IEnumerable<KeyValuePair<string, double>> delays) =>
        Write(DelayScope, _delays, [.. delays.Select(d => KeyValuePair.Create($"{group}/{d.Key}", d.Value.ToString("R", CultureInfo.InvariantCulture)))]);

    private void Write(string scope, Dictionary<string, string> held, IReadOnlyList<KeyValuePair<string, string>> values)
    {
        foreach (var (key, value) in values) held[key] = value;
        Written = AfterAsync(Written);

        async Task AfterAsync(Task former)
        {
            await former;
            await Task.Run(() =>
            {
                if (_store.Keep(scope, values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))) is { } why) PlaybackLog.NotKept(_log, why);
            });
        }
    }

    private static string KeyOf(PlaybackMember member) => $"{member.Speaker}|{member.Output.LatencyKey}";
}
