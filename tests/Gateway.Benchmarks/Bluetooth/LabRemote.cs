using System.Collections.Concurrent;
using System.Text.Json;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>The gateway as anything on the broker sees it: the state documents that it shows, its answers to commands. Nothing else is known of it.</summary>
internal sealed class LabRemote : IDisposable
{
    private const string Base = "tutti/";
    private readonly ConcurrentDictionary<string, string> _shown = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Result, string Reason)> _ends = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(double At, string Type, string Device)> _events = new();
    private readonly Listener _listener;
    private int _commands;

    private LabRemote(Listener listener)
    {
        _listener = listener;
        listener.Received = (topic, payload, _) => Take(topic[Base.Length..], System.Text.Encoding.UTF8.GetString(payload));
    }

    public static async Task<LabRemote> ConnectAsync(int port)
    {
        var listener = await Listener.ConnectAsync(port);
        var remote = new LabRemote(listener);
        foreach (var filter in (string[])["+/+/state", "gateway/+/availability", "response", "event"]) await listener.SubscribeAsync(Base + filter);
        return remote;
    }

    public bool IsOnline(string gateway) => _shown.GetValueOrDefault($"gateway/{gateway}/availability") == "online";

    /// <summary>A member of a device's state document, as text; null: no document yet, no such member, or null.</summary>
    /// <param name="device">Such as <c>speaker/kitchen</c>.</param>
    public string? Shown(string device, string member)
    {
        if (_shown.GetValueOrDefault($"{device}/state") is not { } text) return null;
        using var document = JsonDocument.Parse(text);
        return document.RootElement.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;
    }

    /// <summary>Links that were lost in a span of CLOCK_MONOTONIC seconds, such as <c>speaker/kitchen</c>.</summary>
    public IReadOnlyList<string> Lost(double from, double to) => [.. _events.Where(e => e.Type == "link_lost" && e.At > from && e.At < to).Select(e => e.Device)];

    /// <summary>Sends a command and waits for its end; anything but <c>done</c> is an error with the gateway's own words.</summary>
    public async Task CommandAsync(string device, string property, string value, double seconds)
    {
        var correlation = $"lab-{++_commands}";
        var payload = JsonSerializer.Serialize(new { value, correlation });
        await _listener.PublishAsync($"{Base}{device}/{property}/set", payload);
        await LabHouse.UntilAsync($"{device} {property} {value} is answered", seconds, () => _ends.ContainsKey(correlation));
        var (result, reason) = _ends[correlation];
        if (result != "done") throw new BenchmarkException($"{device} {property} {value}: {result}: {reason}");
    }

    /// <summary>All documents as they are now, a line each, to look into when something failed.</summary>
    public string Dump() => string.Concat(_shown.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {s.Value}\n"));

    public void Dispose() => _listener.Dispose();

    private void Take(string topic, string payload)
    {
        if (topic == "event")
        {
            using var happened = JsonDocument.Parse(payload);
            var (type, device) = (happened.RootElement.GetProperty("event_type"), happened.RootElement.GetProperty("device"));
            _events.Enqueue((System.Diagnostics.Stopwatch.GetTimestamp() / 1e9, type.ToString(), device.ToString()));
            return;
        }

        if (topic != "response")
        {
            _shown[topic] = payload;
            return;
        }

        using var document = JsonDocument.Parse(payload);
        var answer = document.RootElement;
        if (answer.GetProperty("correlation").GetString() is not { } correlation || answer.GetProperty("result").GetString() is not { } result || result == "accepted") return;
        _ends[correlation] = (result, answer.GetProperty("reason").ToString());
    }
}
