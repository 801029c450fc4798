using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Gateway.House;
using Gateway.Storage;
using Gateway.Timing;
using MQTTnet;
using MQTTnet.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Mqtt;

/// <summary>
/// Publishes the house: states and availability (retained; when changed, and after each command), answers and events (not retained).
/// Everything passes through one queue, so that a state stands before the answer that follows it. What the broker holds is remembered in the
/// store: a device that vanished while the gateway was off gets its topics emptied too.
/// </summary>
internal sealed class StatePublisher : BackgroundService
{
    /// <summary>In the store: the devices (<c>kind/id</c>) whose topics the broker holds.</summary>
    public const string Scope = "mqtt";

    private static readonly object s_sweep = new();
    private static readonly object s_saidOffline = new();
    private static readonly byte[] s_online = Encoding.UTF8.GetBytes("online");
    private static readonly byte[] s_offline = Encoding.UTF8.GetBytes("offline");

    private readonly MqttConnection _connection;
    private readonly Topics _topics;
    private readonly HouseHub _hub;
    private readonly Store _store;
    private readonly ILogger<StatePublisher> _log;
    private readonly LogBrake _saidOffline;

    // Written by anyone: a HouseSnapshot, an Answer, a Response, a HouseEvent, a SyncReport, a Leftover, s_sweep or s_saidOffline.
    private readonly Channel<object> _work = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });

    // Touched by the loop only: what each topic that is retained holds, the gateway and the devices as they were last shown, and snapshots so far.
    private readonly Dictionary<string, byte[]> _published = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Id), Shown> _shown = [];
    private readonly Shown _gateway;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8]; // tells this run's answers from another's
    private long _snapshots;
    private long _answers;

    public StatePublisher(MqttConnection connection, HouseHub hub, Store store, TimeProvider time, ILogger<StatePublisher> log)
    {
        _saidOffline = new LogBrake(time, _ => { });
        _connection = connection;
        var topics = _topics = connection.Topics;
        _hub = hub;
        _store = store;
        _log = log;
        _gateway = new Shown(topics.State("gateway", topics.Gateway.Id), topics.GatewayAvailability);
        hub.Changed += Enqueue;
        hub.Answered += Enqueue;
        hub.Happened += Enqueue;
        hub.Measured += Enqueue;
        connection.Subscribe(topics.GatewayAvailability, HearAvailability, noLocal: true, asPublished: false);
        if (hub.Current is { } current) Enqueue(current);
    }

    /// <summary>By which the states go out: what has to come before or after one goes the same way.</summary>
    public MqttConnection Connection => _connection;

    /// <summary>Raised by the loop with the first snapshot, before its states go out: an entity shall be known before its state.</summary>
    public event Action<HouseSnapshot>? First;

    /// <summary>
    /// Asked by the loop about a device (kind, id) that is gone: does anybody still read its topics? They are emptied when nobody does, for a template that reads an
    /// emptied topic is an error in Home Assistant's log. Set once, at start, by who announces devices.
    /// </summary>
    public Func<string, string, bool> IsRead { private get; set; } = static (_, _) => false;

    /// <summary>Looks again for topics that can be emptied.</summary>
    public void Sweep() => Enqueue(s_sweep);

    /// <summary>Publishes an answer that did not come from the reconciler.</summary>
    public void Publish(ResponseDocument document, ReplyAddress? replyTo) => Enqueue(new Response(document, replyTo));

    /// <summary>Empties the topics of a device that is announced no more, unless it is there after all.</summary>
    public void Clear(string kind, string id) => Enqueue(new Leftover(kind, id));

    public override void Dispose()
    {
        _hub.Changed -= Enqueue;
        _hub.Answered -= Enqueue;
        _hub.Happened -= Enqueue;
        _hub.Measured -= Enqueue;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What was said before the stop is still handed to the connection, which stops after us.
        using var stopped = stoppingToken.Register(() => _work.Writer.TryComplete());
        await foreach (var item in _work.Reader.ReadAllAsync(CancellationToken.None)) Handle(item);
    }

    private void Handle(object item)
    {
        try
        {
            switch (item)
            {
                case HouseSnapshot snapshot: Show(snapshot); break;
                case Answer answer: Say(ResponseDocument.Of(answer, _topics), (answer.Command.Origin as MqttOrigin)?.ReplyTo); break;
                case Response response: Say(response.Document, response.ReplyTo); break;
                case HouseEvent happened: Say(happened); break;
                case SyncReport report: Say(report); break;
                case Leftover leftover: Clear(leftover); break;
                case var said when ReferenceEquals(said, s_saidOffline): SayOnlineAgain(); break;
                default: if (_snapshots > 0) Remember(); break;
            }
        }
        catch (Exception e)
        {
            MqttLog.PublishingFailed(_log, e);
        }
    }

    private void Enqueue(object item) => _work.Writer.TryWrite(item);

    /// <summary>Another client's last will (of a gateway with our id that was stopped, say) would leave us grey for good. On the connection's receive loop.</summary>
    private void HearAvailability(MqttApplicationMessage message)
    {
        if (message.Retain) return; // what stood there before this connection
        if (message.Payload.Length == s_online.Length && message.Payload.ToArray().AsSpan().SequenceEqual(s_online)) return;
        Enqueue(s_saidOffline);
    }

    private void SayOnlineAgain()
    {
        if (!_published.TryGetValue(_gateway.AvailabilityTopic, out var online)) return;
        if (_saidOffline.Passes()) MqttLog.SaidOffline(_log, _gateway.AvailabilityTopic);
        _connection.Retain(_gateway.AvailabilityTopic, online, Rank.Gateway);
    }

    private void Show(HouseSnapshot house)
    {
        if (_snapshots++ == 0) First?.Invoke(house);
        var json = DocumentJson.Readable;
        var (before, seen) = (_shown.Count, 0);
        // All states go out before the first availability: the connection may send while this still adds.
        var availabilities = new List<(string Topic, byte[] Payload)>();
        foreach (var d in house.Echoes) Show("echo", d.Id, d, json.EchoDocument, d.Available);
        foreach (var d in house.Speakers) Show("speaker", d.Id, d, json.SpeakerDocument, d.Available);
        foreach (var d in house.Adapters) Show("adapter", d.Id, d, json.AdapterDocument, d.Available);
        foreach (var d in house.Transmitters) Show("transmitter", d.Id, d, json.TransmitterDocument, d.Available);
        foreach (var d in house.Groups) Show("group", d.Id, d, json.GroupDocument, d.Available);
        State(_gateway, house.Gateway, json.GatewayDocument);
        foreach (var (topic, payload) in availabilities) Retain(topic, payload, Rank.Availability);
        Retain(_gateway.AvailabilityTopic, s_online, Rank.Gateway);
        if (before != _shown.Count || seen != _shown.Count) Remember();

        void Show<T>(string kind, string id, T document, JsonTypeInfo<T> type, bool available) where T : class
        {
            if (!_shown.TryGetValue((kind, id), out var device)) _shown[(kind, id)] = device = new Shown(_topics.State(kind, id), _topics.Availability(kind, id));
            if (device.Snapshot != _snapshots) seen++;
            device.Snapshot = _snapshots;
            State(device, document, type);
            if (device.Available == available) return;
            device.Available = available;
            availabilities.Add((device.AvailabilityTopic, available ? s_online : s_offline));
        }
    }

    /// <summary>Writes a document only if it differs from the one shown before: in a house of a hundred devices a command changes one.</summary>
    private void State<T>(Shown device, T document, JsonTypeInfo<T> type) where T : class
    {
        if (document.Equals(device.Document)) return;
        device.Document = document;
        Retain(device.StateTopic, JsonSerializer.SerializeToUtf8Bytes(document, type), Rank.State);
    }

    /// <summary>Empties the topics of devices that are gone and that nobody reads any more, and writes down which there are. The store names those of earlier runs too.</summary>
    private void Remember()
    {
        foreach (var gone in _shown.Where(s => s.Value.Snapshot != _snapshots).Select(s => s.Key).ToList()) _shown.Remove(gone);
        var seen = _shown.Keys.Select(d => $"{d.Kind}/{d.Id}").ToHashSet(StringComparer.Ordinal);
        var known = _store.All(Scope).Keys.ToHashSet(StringComparer.Ordinal);
        var changes = new List<KeyValuePair<string, string?>>();
        foreach (var gone in known.Except(seen))
        {
            var slash = gone.IndexOf('/', StringComparison.Ordinal);
            var (kind, id) = (gone[..slash], gone[(slash + 1)..]);
            if (IsRead(kind, id)) continue;
            Empty(kind, id);
            changes.Add(new(gone, null));
        }

        changes.AddRange(seen.Except(known).Select(d => new KeyValuePair<string, string?>(d, "")));
        if (changes.Count > 0) _store.Keep(Scope, changes);
    }

    private void Clear(Leftover leftover)
    {
        if (_shown.ContainsKey((leftover.Kind, leftover.Id))) return;
        Empty(leftover.Kind, leftover.Id);
        _store.Keep(Scope, $"{leftover.Kind}/{leftover.Id}", null);
    }

    private void Empty(string kind, string id)
    {
        foreach (var (topic, rank) in new[] { (_topics.Availability(kind, id), Rank.Availability), (_topics.State(kind, id), Rank.State) })
        {
            _published.Remove(topic);
            _connection.Clear(topic, rank);
        }
    }

    private void Retain(string topic, byte[] payload, Rank rank)
    {
        if (_published.TryGetValue(topic, out var last) && last.AsSpan().SequenceEqual(payload)) return;
        _published[topic] = payload;
        _connection.Retain(topic, payload, rank);
    }

    private void Say(ResponseDocument document, ReplyAddress? replyTo)
    {
        var response = document with { Id = $"{_run}-{++_answers}" };
        var payload = response.Write();
        // After each command the state again, changed or not: Home Assistant shows the old value until the state arrives.
        if (response.Result != CommandResult.Accepted && _published.TryGetValue($"{_topics.Base}/{response.Device}/state", out var state))
            _connection.Retain($"{_topics.Base}/{response.Device}/state", state, Rank.State);
        // Only a plan is long, and it can be had from the command line too.
        Func<ReadOnlyMemory<byte>>? shorter = response.Plan is null ? null : () => (response with { Plan = null }).Write();
        _connection.Send(new Outgoing { Topic = _topics.Response, Payload = payload, Shorter = shorter, Keep = true });
        if (replyTo is { } reply)
            _connection.Send(new Outgoing { Topic = reply.Topic, Payload = payload, Shorter = shorter, CorrelationData = reply.CorrelationData, Keep = true });
    }

    /// <summary>Figures are worth nothing late: they are dropped while there is no connection, and sent at most once.</summary>
    private void Say(SyncReport report)
    {
        foreach (var (id, figures) in report.Groups) Figures("group", id, JsonSerializer.SerializeToUtf8Bytes(figures, SyncJson.Default.GroupTelemetry));
        foreach (var (id, figures) in report.Speakers) Figures("speaker", id, JsonSerializer.SerializeToUtf8Bytes(figures, SyncJson.Default.SpeakerTelemetry));
        if (report.Plot is { } plot) Retain(_topics.SyncPlot, Encoding.UTF8.GetBytes(plot), Rank.State);
    }

    private void Figures(string kind, string id, byte[] payload) =>
        _connection.Send(new Outgoing { Topic = _topics.Sync(kind, id), Payload = payload, Quality = MqttQualityOfServiceLevel.AtMostOnce });

    private void Say(HouseEvent happened) => _connection.Send(new Outgoing
    {
        Topic = _topics.Event, Payload = JsonSerializer.SerializeToUtf8Bytes(happened, DocumentJson.Readable.HouseEvent), Keep = true,
    });

    private sealed record Leftover(string Kind, string Id);

    /// <summary>An answer that did not come from the reconciler.</summary>
    private sealed record Response(ResponseDocument Document, ReplyAddress? ReplyTo);

    /// <summary>A device as it was last shown.</summary>
    private sealed class Shown(string stateTopic, string availabilityTopic)
    {
        public string StateTopic { get; } = stateTopic;
        public string AvailabilityTopic { get; } = availabilityTopic;
        public object? Document { get; set; }
        public bool? Available { get; set; }

        /// <summary>The number of the last snapshot that it was in.</summary>
        public long Snapshot { get; set; }
    }
}
