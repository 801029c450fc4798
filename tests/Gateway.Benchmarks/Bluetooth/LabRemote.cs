using System.Collections.Concurrent;
using System.Text.Json;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>The gateway as anything on the broker sees it: the state documents that it shows, its answers to commands. Nothing else is known of it.</summary>
internal sealed class LabRemote : IDisposable
{
    private const string Base = "tutti/";
    private readonly ConcurrentDictionary<string, string> _shown = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Result, string Reason)> _ends = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Happening> _events = [];
    private readonly Listener _listener;
    private int _commands;

    private LabRemote(Listener listener)
    {
        _listener = listener;
        listener.Received = (topic, payload, at) => Take(topic[Base.Length..], System.Text.Encoding.UTF8.GetString(payload), at / 1e9);
    }

    /// <summary>An event of the gateway.</summary>
    /// <param name="At">When it came, CLOCK_MONOTONIC seconds.</param>
    internal sealed record Happening(double At, string Type, string Device, string Text);

    public IReadOnlyCollection<Happening> Events => _events;

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
    public string Dump() => string.Concat(_events.Select(e => $"{e.At:0.000} {e.Type} {e.Device} {e.Text}\n")) + string.Concat(_shown.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {s.Value}\n"));

    public void Dispose() => _listener.Dispose();

    private void Take(string topic, string payload, double at)
    {
        if (topic == "event")
        {
            using var happened = JsonDocument.Parse(payload);
            string Member(string name) => happened.RootElement.GetProperty(name).ToString();
            _events.Enqueue(new Happening(at, Member("event_type"), Member("device"), Member("text")));
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
