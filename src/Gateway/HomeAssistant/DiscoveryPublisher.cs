using System.Text;
using System.Threading.Channels;
using Gateway.House;
using Gateway.Mqtt;
using Gateway.Storage;
using Gateway.Timing;
using MQTTnet;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.HomeAssistant;

/// <summary>
/// Announces the house to Home Assistant: carries the plan's messages to the connection, and births and connections to the plan. The plan is guarded by
/// one lock, because a connection's opening (on the connection's loop) and the first snapshot (on the state publisher's) must have announced when they return.
/// </summary>
internal sealed class DiscoveryPublisher : BackgroundService
{
    /// <summary>In the store: the announced devices by their topics.</summary>
    public const string Scope = "discovery";

    /// <summary>Home Assistant's own default; its users may set the discovery prefix without setting this.</summary>
    private const string DefaultStatusTopic = "homeassistant/status";

    /// <summary>Changes are collected for this long.</summary>
    public static readonly TimeSpan Debounce = TimeSpan.FromSeconds(2);

    private readonly MqttConnection _connection;
    private readonly DiscoveryBuilder _builder;
    private readonly HouseHub _hub;
    private readonly Store _store;
    private readonly TimeProvider _time;
    private readonly ILogger<DiscoveryPublisher> _log;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly StatePublisher _states;
    private readonly Topics _topics;

    private readonly Lock _gate = new();
    private readonly DiscoveryPlan _plan; // guarded by _gate
    private readonly Dictionary<string, (string Kind, string Id)> _leftovers = new(StringComparer.Ordinal); // by topic: announced by us, and perhaps there no more; guarded by _gate
    private readonly HashSet<(string Kind, string Id)> _others = []; // devices that another gateway announced; guarded by _gate
    private TimeSpan? _rebuildAt; // guarded by _gate
    private TimeSpan? _heardAt; // when what the broker held at the first connection that lasts is heard; guarded by _gate
    private bool _hasHeard; // guarded by _gate
    private volatile bool _changed; // set by the reconciler's thread, cleared under _gate

    public DiscoveryPublisher(StatePublisher states, DiscoveryBuilder builder, HouseHub hub, Store store, TimeProvider time, ILogger<DiscoveryPublisher> log)
    {
        var connection = _connection = states.Connection;
        _states = states;
        _topics = connection.Topics;
        _builder = builder;
        _hub = hub;
        _store = store;
        _time = time;
        _log = log;
        var prefix = builder.Prefix;
        _plan = new DiscoveryPlan(store.All(Scope), prefix);
        foreach (var topic in _plan.Unreadable) store.TellUnreadable(Scope, topic);
        foreach (var topic in new[] { $"{prefix}/status", DefaultStatusTopic }.Distinct(StringComparer.Ordinal)) connection.Subscribe(topic, HearStatus);
        connection.Subscribe($"{prefix}/device/+/config", HearConfig, noLocal: true, retained: true);
        connection.Opening += OnOpening;
        connection.Closed += OnClosed;
        states.First += OnFirst;
        states.IsRead = IsRead;
        hub.Changed += OnChanged;
    }

    public override void Dispose()
    {
        _hub.Changed -= OnChanged;
        _states.First -= OnFirst;
        _connection.Opening -= OnOpening;
        _connection.Closed -= OnClosed;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = _time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (await _wake.Reader.WaitToReadAsync(stoppingToken))
        {
            _wake.Reader.TryRead(out _);
            try
            {
                if (Step() is not { } next) continue;
                var wait = next - _time.Now();
                timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
            catch (Exception e)
            {
                HomeAssistantLog.Failed(_log, e);
            }
        }
    }

    /// <summary>Does what is due; returns when to come again.</summary>
    private TimeSpan? Step()
    {
        lock (_gate)
        {
            var now = _time.Now();
            if (_changed) _rebuildAt ??= now + Debounce;
            _changed = false;
            if (_rebuildAt <= now)
            {
                _rebuildAt = null;
                if (_hub.Current is { } house) _plan.Update(_builder.Build(house), now);
            }

            Flush(now);
            if (_heardAt <= now)
            {
                (_heardAt, _hasHeard) = (null, true);
                _states.Sweep();
            }

            return new[] { _rebuildAt, _heardAt, _plan.NextDue }.Min();
        }
    }

    private void OnOpening()
    {
        lock (_gate)
        {
            var now = _time.Now();
            _rebuildAt = null;
            if (!_hasHeard) _heardAt = now + DiscoveryPlan.Grace;
            if (_hub.Current is { } house) _plan.Update(_builder.Build(house), now);
            _plan.Connected(now);
            Flush(now);
        }

        Wake();
    }

    private void OnFirst(HouseSnapshot house)
    {
        lock (_gate)
        {
            var now = _time.Now();
            _plan.Update(_builder.Build(house), now);
            Flush(now);
        }

        Wake();
    }

    private void OnClosed()
    {
        lock (_gate)
        {
            _heardAt = null;
            _plan.Disconnected();
        }
    }

    /// <summary>On the state publisher's loop. Until what the broker holds is heard, whatever we know may be announced there, by us or by another gateway.</summary>
    private bool IsRead(string kind, string id)
    {
        lock (_gate) return !_hasHeard || _others.Contains((kind, id)) || _plan.IsRead(_builder.TopicOf(kind, id));
    }

    /// <summary>On the reconciler's thread: takes no lock that is held while the store writes.</summary>
    private void OnChanged(HouseSnapshot house)
    {
        _changed = true;
        Wake();
    }

    private void HearStatus(MqttApplicationMessage message)
    {
        var status = Encoding.UTF8.GetString(message.Payload.Slice(0, Math.Min(message.Payload.Length, 16)));
        lock (_gate)
        {
            if (status == "online")
            {
                // Other programs hear the same birth; a random wait keeps them from speaking all at once.
                _plan.Birth(_time.Now(), TimeSpan.FromSeconds(0.5 + Random.Shared.NextDouble()));
                HomeAssistantLog.Born(_log, _plan.Count);
            }
            else if (status == "offline")
            {
                _plan.HomeAssistantStopped();
                HomeAssistantLog.Stopped(_log);
            }
        }

        Wake();
    }

    private void HearConfig(MqttApplicationMessage message)
    {
        if (message.Payload.IsEmpty) HearDeletion(message);
        else HearAnnouncement(message);
    }

    /// <summary>
    /// What the broker holds makes good a store that was lost: devices and components of ours that are in the house no more are removed like any other. What another
    /// gateway has announced in our place is its own from then on.
    /// </summary>
    private void HearAnnouncement(MqttApplicationMessage message)
    {
        var found = Announcement.Read(message, _topics);
        if (found is { IsOurs: true } && !message.Retain) return; // our own, come back
        lock (_gate)
        {
            if (found is not { IsOurs: true })
            {
                if (found is not null) _others.Add((found.Kind, found.Id));
                _leftovers.Remove(message.Topic);
                _plan.Lose(message.Topic);
            }
            else
            {
                if (found.Kind.Length > 0) _leftovers[message.Topic] = (found.Kind, found.Id);
                _plan.Find(found.Config, _time.Now());
            }
        }

        Wake();
    }

    /// <summary>Somebody emptied a device's topic: Home Assistant does when its user deletes a device, or only one entity. It comes back at the next change, birth or connect; never at once, or both would go on for ever.</summary>
    private void HearDeletion(MqttApplicationMessage message)
    {
        lock (_gate)
        {
            if (_plan.NameOf(message.Topic) is { } name) HomeAssistantLog.Deleted(_log, name);
        }
    }

    /// <summary>Publishes what is due and has it remembered. Under the lock.</summary>
    private void Flush(TimeSpan now)
    {
        foreach (var message in _plan.TakeDue(now))
        {
            HomeAssistantLog.Published(_log, message.Topic, message.Text.Length);
            _connection.Retain(message.Topic, Encoding.UTF8.GetBytes(message.Text), Rank.Discovery);
        }

        var settled = _plan.TakeSettled();
        foreach (var topic in settled)
        {
            if (_leftovers.Remove(topic, out var gone) && !_others.Contains(gone)) _states.Clear(gone.Kind, gone.Id);
        }

        if (settled.Count > 0) _states.Sweep();
        if (_plan.TakeChanges() is { Count: > 0 } changes) _store.Keep(Scope, changes);
    }

    private void Wake() => _wake.Writer.TryWrite(true);
}
