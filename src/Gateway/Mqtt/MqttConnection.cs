using System.Text;
using Gateway.Configuration;
using Gateway.Timing;
using MQTTnet;
using MQTTnet.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Mqtt;

/// <summary>
/// Owns the connection to the broker: one loop connects, subscribes, sends what the outbox holds, and starts over when the connection
/// ends. <see cref="Subscribe"/> and <see cref="Opening"/> are for constructors, before the loop runs; everything else is safe from any thread and never waits.
/// </summary>
internal sealed partial class MqttConnection : BackgroundService
{
    /// <summary>Takeovers in a row after which we stay away for a while.</summary>
    private const int MostTakeovers = 3;

    private readonly MqttSettings _settings;
    private readonly MqttTimings _timings;
    private readonly Topics _topics;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttConnection> _log;
    private readonly string _clientId;
    private readonly Outbox _outbox = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly MqttClientFactory _factory = new();
    private readonly MqttComplaints _complaints;
    private readonly LogBrake _failedHandlers;
    private readonly Redelivery _redelivery = new();
    private readonly GatewayClaim _claim;
    private readonly IHostApplicationLifetime _lifetime;
    private volatile IMqttClient? _client; // of the present connection

    // Written by the loop only.
    private volatile bool _isConnected;
    private readonly Backoff _backoff;
    private int _tries;
    private TimeSpan? _outageSince;
    private string? _lastReason;
    private int _takeovers;
    private long? _openedAt;
    private bool _hasBeenIn;
    private bool _mayVisit = true;
    private MqttQualityOfServiceLevel _willQuality = MqttQualityOfServiceLevel.AtLeastOnce;

    public MqttConnection(MqttOptions options, Topics topics, GatewayClaim claim, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<MqttConnection> log)
    {
        _claim = claim;
        _lifetime = lifetime;
        _settings = options.Broker;
        _timings = options.Timings;
        _topics = topics;
        _time = time;
        _log = log;
        _clientId = _settings.ClientId ?? $"tutti-{topics.Gateway.Id}";
        _complaints = new MqttComplaints(time, log);
        _failedHandlers = new LogBrake(time, more => MqttLog.MoreHandlersFailed(log, more));
        Subscribe(topics.Claim, HearClaim, retained: true, asPublished: false);
        _backoff = new Backoff(_timings.FirstRetry, _timings.LongestRetry, _timings.Stable, time);
    }

    /// <summary>Raised by the loop on each connection, before anything is sent: discovery is said here, so that it goes first.</summary>
    public event Action? Opening;

    /// <summary>Raised by the loop when a connection ended.</summary>
    public event Action? Closed;

    public bool IsConnected => _isConnected;

    public Topics Topics => _topics;

    /// <summary>Handlers run on the client's receive loop: they hand over and return.</summary>
    /// <param name="noLocal">Leave out our own messages (MQTT 5 only).</param>
    /// <param name="retained">What the broker holds is wanted at each connect (MQTT 3.1.1 always sends it).</param>
    /// <param name="asPublished">The retain flag is the sender's (MQTT 5); else it tells what stood there before.</param>
    public void Subscribe(string filter, Action<MqttApplicationMessage> handler, bool noLocal = false, bool retained = false, bool asPublished = true) =>
        _subscriptions.Add(new(filter, handler, noLocal, retained, asPublished));

    /// <summary>Sets what a topic holds; said again at each connect.</summary>
    public void Retain(string topic, ReadOnlyMemory<byte> payload, Rank rank) => _outbox.Retain(topic, payload, rank);

    /// <summary>Empties a retained topic.</summary>
    public void Clear(string topic, Rank rank) => _outbox.Clear(topic, rank);

    /// <summary>Sends once.</summary>
    public void Send(Outgoing message) => _outbox.Send(message);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            ConnectFailure failure;
            try
            {
                failure = await RunConnectionAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                MqttLog.Unexpected(_log, e);
                failure = new($"an unexpected error ({e.Message})", "Please report it with the log.");
            }

            if (stoppingToken.IsCancellationRequested || _claim.Winner is not null) return;
            await WaitForNextTryAsync(failure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task WaitForNextTryAsync(ConnectFailure failure, CancellationToken stopping)
    {
        var wasStable = _openedAt is { } opened && _time.GetElapsedTime(opened) >= _timings.Stable;
        _openedAt = null;
        if (wasStable) _outbox.Forgive();
        // An end without a word between them is no sign that it is over.
        _takeovers = (wasStable ? 0 : _takeovers) + (failure.TakenOver ? 1 : 0);
        var wait = _backoff.Failed(failure.TakenOver && _takeovers >= MostTakeovers ? _timings.TakenOverRetry : default);
        _outageSince ??= _time.Now();
        _tries++;
        if (failure.Reason == _lastReason) MqttLog.StillNotConnected(_log, _tries, _settings.DisplayUrl, failure.Reason, wait.TotalSeconds);
#pragma warning disable RS0030 // shown
        else MqttLog.NotConnected(_log, _settings.DisplayUrl, failure.Reason, failure.Remedy, wait.TotalSeconds, _time.GetUtcNow() + wait);
#pragma warning restore RS0030
        _lastReason = failure.Reason;
        return Task.Delay(wait, _time, stopping);
    }

    /// <summary>One connection from the first packet to its end; returns why it ended or never was.</summary>
    private async Task<ConnectFailure> RunConnectionAsync(CancellationToken stopping)
    {
        using var client = _factory.CreateMqttClient();
        var ended = new TaskCompletionSource<ConnectFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += end =>
        {
            if (end.ClientWasConnected) ended.TrySetResult(ConnectFailure.Of(end, _settings with { ClientId = _clientId }));
            return Task.CompletedTask;
        };
        client.ApplicationMessageReceivedAsync += received =>
        {
            if (!_redelivery.IsRepeated(received.ApplicationMessage, received.PacketIdentifier)) Dispatch(received.ApplicationMessage);
            return Task.CompletedTask;
        };

        BrokerTls? tls = null;
        BrokerTraits broker;
        SendLoop? sending = null;
        try
        {
            tls = _settings.Tls ? BrokerTls.Load(_settings, _time) : null;
            if (!_hasBeenIn && _mayVisit) await VisitAsync(tls, stopping);
            if (_claim.Winner is not null) return GaveWay;
            var answer = await ConnectAsync(client, BuildOptions(tls), tls, stopping);
            if (answer.ResultCode == MqttClientConnectResultCode.QoSNotSupported) _willQuality = MqttQualityOfServiceLevel.AtMostOnce; // the next try asks for less
            if (answer.ResultCode != MqttClientConnectResultCode.Success) return ConnectFailure.Of(answer, _settings);
            broker = BrokerTraits.Of(answer, SpeaksV5, _clientId, _timings.KeepAlive);
            if (!broker.KeepsRetained) return ConnectFailure.RetainsNothing;
            if (!broker.HasSession) _redelivery.Forget();
            _client = client;
            await SubscribeAllAsync(client, stopping);
            await ClaimAsync(client, stopping);
            sending = new SendLoop(client, broker, _settings, _outbox, _complaints, _log);
            Opened(broker);
            await sending.RunAsync(ended, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            return ended.Task.IsCompletedSuccessfully ? await ended.Task : ConnectFailure.Of(e, _settings, tls);
        }
        finally
        {
            tls?.Dispose();
            _client = null;
            if (stopping.IsCancellationRequested && sending is not null) await SayGoodbyeAsync(client, sending);
            if (_isConnected)
            {
                _isConnected = false;
                _outbox.Close(!stopping.IsCancellationRequested && (!ended.Task.IsCompletedSuccessfully || (await ended.Task).MayBeOurs));
                _complaints.Tell(_outbox.TakeDropped());
                Closed?.Invoke();
            }
        }

        stopping.ThrowIfCancellationRequested();
        return await ended.Task;
    }

    private async Task<MqttClientConnectResult> ConnectAsync(IMqttClient client, MqttClientOptions options, BrokerTls? tls, CancellationToken stopping)
    {
        // The client's own time-out does not cover every stage (name look-up, TLS), so ours stands around all of them.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(_timings.Timeout);
        var started = _time.GetTimestamp();
        try
        {
            return await client.ConnectAsync(options, deadline.Token);
        }
        // What is thrown after a time-out depends on the stage it hit; the time that passed does not.
        catch (Exception e) when (!stopping.IsCancellationRequested && tls?.Problem is null && _time.GetElapsedTime(started) >= _timings.Timeout * 0.95)
        {
            throw new ConnectException(ConnectFailure.Silent(_settings), e);
        }
    }

    private bool SpeaksV5 => _settings.Protocol == MqttProtocol.V5;

    private MqttClientOptions BuildOptions(BrokerTls? tls)
    {
        var builder = BuildOptions(_clientId, tls)
            .WithCleanSession(!SpeaksV5 || !_hasBeenIn) // a new process does not do what an earlier one was told; 3.1.1 has no sessions that end by themselves
            .WithWillTopic(_topics.GatewayAvailability)
            .WithWillPayload("offline")
            .WithWillRetain()
            .WithWillQualityOfServiceLevel(_willQuality);
        if (SpeaksV5) builder.WithSessionExpiryInterval((uint)_timings.Session.TotalSeconds);
        var options = builder.Build();
        if (options.ChannelOptions is MqttClientTcpOptions tcp) tcp.NoDelay = true; // or an answer waits up to 40 ms for the peer's delayed ACK
        return options;
    }

    private MqttClientOptionsBuilder BuildOptions(string clientId, BrokerTls? tls)
    {
        var builder = _factory.CreateClientOptionsBuilder()
            .WithTcpServer(_settings.Host, _settings.Port)
            .WithClientId(clientId)
            .WithProtocolVersion(SpeaksV5 ? MQTTnet.Formatter.MqttProtocolVersion.V500 : MQTTnet.Formatter.MqttProtocolVersion.V311)
            .WithCleanSession()
            .WithKeepAlivePeriod(_timings.KeepAlive)
            .WithTimeout(_timings.Timeout);
        if (_settings.Username is not null) builder.WithCredentials(_settings.Username, _settings.Password ?? "");
        if (tls is not null) builder.WithTlsOptions(tls.Configure);
        return builder;
    }

    private async Task SubscribeAllAsync(IMqttClient client, CancellationToken stopping)
    {
        var options = _factory.CreateSubscribeOptionsBuilder();
        foreach (var subscription in _subscriptions)
        {
            var filter = _factory.CreateTopicFilterBuilder().WithTopic(subscription.Filter).WithAtLeastOnceQoS();
            if (SpeaksV5)
                filter.WithRetainAsPublished(subscription.AsPublished).WithRetainHandling(subscription.Retained ? MqttRetainHandling.SendAtSubscribe : MqttRetainHandling.DoNotSendOnSubscribe).WithNoLocal(subscription.NoLocal);
            options.WithTopicFilter(filter);
        }

        if (_subscriptions.Count == 0) return;
        var result = await client.SubscribeAsync(options.Build(), stopping);
        foreach (var item in result.Items.Where(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
        {
            var (words, remedy) = ReasonCodes.Of((int)item.ResultCode);
            MqttLog.SubscriptionRefused(_log, item.TopicFilter.Topic, words, remedy);
        }
    }

    private void Opened(BrokerTraits broker)
    {
        (_isConnected, _hasBeenIn) = (true, true);
        _openedAt = _time.GetTimestamp();
        _outbox.Open(RaiseOpening, broker.LargestPacket, SpeaksV5 ? null : new ReturningMessages([.. _subscriptions.Select(s => s.Filter)]));
        _backoff.Succeeded();
        if (_outageSince is { } since) MqttLog.Recovered(_log, _settings.DisplayUrl, (_time.Now() - since).TotalSeconds, _tries);
        else MqttLog.Connected(_log, _settings.DisplayUrl, broker.ClientId, SpeaksV5 ? "5" : "3.1.1");
        if (broker.ToString() is { Length: > 0 } traits) MqttLog.Traits(_log, traits);
        if (broker.MostQuality == MqttQualityOfServiceLevel.AtMostOnce) MqttLog.OnlyAtMostOnce(_log);
        (_outageSince, _tries, _lastReason) = (null, 0, null);
    }

    /// <summary>Whoever fails here (a store that cannot be written) must not take the connection with it: states and answers still go.</summary>
    private void RaiseOpening()
    {
        try
        {
            Opening?.Invoke();
        }
        catch (Exception e)
        {
            MqttLog.OpeningFailed(_log, e);
        }
    }

    /// <summary>Sends what is waiting, then <c>offline</c> (a clean end sends no will), then disconnects; within <see cref="MqttTimings.Farewell"/>.</summary>
    private async Task SayGoodbyeAsync(IMqttClient client, SendLoop sending)
    {
        if (!client.IsConnected) return;
        using var deadline = new CancellationTokenSource(_timings.Farewell);
        try
        {
            if (_claim.Winner is not null)
            {
                // The other gateway speaks for this id: neither "offline" nor an empty claim is ours to say.
                await client.DisconnectAsync(new MqttClientDisconnectOptions(), deadline.Token);
                return;
            }

            while (_outbox.TryTake(out var message)) await client.PublishAsync(sending.Build(message), deadline.Token);
            var offline = new Outgoing { Topic = _topics.GatewayAvailability, Payload = Encoding.UTF8.GetBytes("offline"), Retain = true };
            await client.PublishAsync(sending.Build(offline), deadline.Token);
            await client.PublishAsync(sending.Build(new Outgoing { Topic = _topics.Claim, Payload = ReadOnlyMemory<byte>.Empty, Retain = true }), deadline.Token);
            // Nobody comes back to this session. One second: the library leaves 0 out.
            await client.DisconnectAsync(SpeaksV5 ? new MqttClientDisconnectOptions { SessionExpiryInterval = 1 } : new MqttClientDisconnectOptions(), deadline.Token);
            MqttLog.SaidGoodbye(_log, _settings.DisplayUrl);
        }
        catch (Exception)
        {
            // The broker does not listen any more; its copy of our will says the same.
        }
    }

    private void Dispatch(MqttApplicationMessage message)
    {
        _outbox.Heard(message);
        try
        {
            foreach (var subscription in _subscriptions)
            {
                if (MqttTopicFilterComparer.Compare(message.Topic, subscription.Filter) == MqttTopicFilterCompareResult.IsMatch) subscription.Handler(message);
            }
        }
        catch (Exception e)
        {
            if (_failedHandlers.Passes()) MqttLog.HandlerFailed(_log, message.Topic, e);
        }
    }

    private sealed record Subscription(string Filter, Action<MqttApplicationMessage> Handler, bool NoLocal, bool Retained, bool AsPublished);
}
