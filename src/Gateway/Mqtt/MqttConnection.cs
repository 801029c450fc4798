using System.Buffers;
using System.Text;
using Gateway.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Mqtt;

/// <summary>
/// Owns the connection to the broker: one loop connects, subscribes, sends what the outbox holds, and starts over when the connection
/// ends. <see cref="Subscribe"/> and <see cref="Opening"/> are for constructors, before the loop runs; everything else is safe from any thread and never waits.
/// </summary>
internal sealed class MqttConnection : BackgroundService
{
    /// <summary>Messages on their way to a broker that names no limit of its own (MQTT 5 "receive maximum"); Mosquitto's default limit is 20.</summary>
    private const int Window = 16;

    private readonly MqttSettings _settings;
    private readonly MqttTimings _timings;
    private readonly Topics _topics;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttConnection> _log;
    private readonly string _clientId;
    private readonly Outbox _outbox = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly MqttClientFactory _factory = new();

    // Written by the loop only.
    private volatile bool _isConnected;
    private readonly Backoff _backoff;
    private int _tries;
    private TimeSpan? _outageSince;
    private string? _lastReason;
    private int _quickLosses;
    private long? _openedAt;

    public MqttConnection(TuttiConfiguration configuration, GatewayIdentity gateway, Topics topics, MqttTimings timings, TimeProvider time, ILogger<MqttConnection> log)
    {
        _settings = configuration.Mqtt;
        _timings = timings;
        _topics = topics;
        _time = time;
        _log = log;
        _clientId = _settings.ClientId ?? $"tutti-{gateway.Id}";
        _backoff = new Backoff(timings.FirstRetry, timings.LongestRetry, timings.Stable, time);
    }

    /// <summary>Raised by the loop on each connection, before anything is sent: discovery is said here, so that it goes first.</summary>
    public event Action? Opening;

    /// <summary>Raised by the loop when a connection ended.</summary>
    public event Action? Closed;

    public bool IsConnected => _isConnected;

    /// <summary>Handlers run on the client's receive loop: they hand over and return.</summary>
    /// <param name="noLocal">Leave out our own messages (MQTT 5 only).</param>
    /// <param name="retained">What the broker holds is wanted at each connect (MQTT 3.1.1 always sends it).</param>
    public void Subscribe(string filter, Action<MqttApplicationMessage> handler, bool noLocal = false, bool retained = false) => _subscriptions.Add(new(filter, handler, noLocal, retained));

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

            if (stoppingToken.IsCancellationRequested) return;
            failure = Suspect(failure);
            await WaitForNextTryAsync(failure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Many brokers (Mosquitto 2.0, every one that speaks MQTT 3.1.1) say nothing when another client takes over a session: the connection just ends. A broker that
    /// accepts us at once and drops us within seconds, again and again, most likely does that.
    /// </summary>
    private ConnectFailure Suspect(ConnectFailure failure)
    {
        var quick = _openedAt is { } opened && failure.Wordless && _time.GetElapsedTime(opened) < _timings.Stable;
        _openedAt = null;
        _quickLosses = quick ? _quickLosses + 1 : 0;
        return _quickLosses < 3 ? failure : ConnectFailure.ProbablyTakenOver(_clientId);
    }

    private Task WaitForNextTryAsync(ConnectFailure failure, CancellationToken stopping)
    {
        var wait = _backoff.Failed(failure.Sharing switch
        {
            ClientIdSharing.Certain => _timings.TakenOverRetry,
            ClientIdSharing.Suspected => _timings.SuspectedRetry,
            _ => default,
        });
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
            Dispatch(received.ApplicationMessage);
            return Task.CompletedTask;
        };

        BrokerTls? tls = null;
        try
        {
            tls = _settings.Tls ? BrokerTls.Load(_settings, _time) : null;
            var answer = await ConnectAsync(client, tls, stopping);
            if (answer.ResultCode != MqttClientConnectResultCode.Success) return ConnectFailure.Of(answer, _settings);
            await SubscribeAllAsync(client, stopping);
            Opened();
            var window = Math.Min(Window, answer.ReceiveMaximum is > 0 and var most ? (int)most : Window);
            await SendUntilEndedAsync(client, window, ended, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            return ended.Task.IsCompletedSuccessfully ? await ended.Task : ConnectFailure.Of(e, _settings, tls);
        }
        finally
        {
            tls?.Dispose();
            if (stopping.IsCancellationRequested) await SayGoodbyeAsync(client);
            if (_isConnected)
            {
                _isConnected = false;
                _outbox.Close();
                Closed?.Invoke();
            }
        }

        stopping.ThrowIfCancellationRequested();
        return await ended.Task;
    }

    private async Task<MqttClientConnectResult> ConnectAsync(IMqttClient client, BrokerTls? tls, CancellationToken stopping)
    {
        // The client's own time-out does not cover every stage (name look-up, TLS), so ours stands around all of them.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(_timings.Timeout);
        var started = _time.GetTimestamp();
        try
        {
            return await client.ConnectAsync(BuildOptions(tls), deadline.Token);
        }
        // What is thrown after a time-out depends on the stage it hit; the time that passed does not.
        catch (Exception e) when (!stopping.IsCancellationRequested && tls?.Problem is null && _time.GetElapsedTime(started) >= _timings.Timeout * 0.95)
        {
            throw new ConnectException(ConnectFailure.Silent(_settings), e);
        }
    }

    private MqttClientOptions BuildOptions(BrokerTls? tls)
    {
        var builder = _factory.CreateClientOptionsBuilder()
            .WithTcpServer(_settings.Host, _settings.Port)
            .WithClientId(_clientId)
            .WithProtocolVersion(_settings.Protocol == MqttProtocol.V5 ? MQTTnet.Formatter.MqttProtocolVersion.V500 : MQTTnet.Formatter.MqttProtocolVersion.V311)
            .WithCleanSession()
            .WithKeepAlivePeriod(_timings.KeepAlive)
            .WithTimeout(_timings.Timeout)
            .WithWillTopic(_topics.GatewayAvailability)
            .WithWillPayload("offline")
            .WithWillRetain()
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        if (_settings.Username is not null) builder.WithCredentials(_settings.Username, _settings.Password ?? "");
        if (tls is not null) builder.WithTlsOptions(tls.Configure);
        var options = builder.Build();
        if (options.ChannelOptions is MqttClientTcpOptions tcp) tcp.NoDelay = true; // or an answer waits up to 40 ms for the peer's delayed ACK
        return options;
    }

    private async Task SubscribeAllAsync(IMqttClient client, CancellationToken stopping)
    {
        var options = _factory.CreateSubscribeOptionsBuilder();
        foreach (var subscription in _subscriptions)
        {
            var filter = _factory.CreateTopicFilterBuilder().WithTopic(subscription.Filter).WithAtLeastOnceQoS();
            if (_settings.Protocol == MqttProtocol.V5)
                filter.WithRetainAsPublished().WithRetainHandling(subscription.Retained ? MqttRetainHandling.SendAtSubscribe : MqttRetainHandling.DoNotSendOnSubscribe).WithNoLocal(subscription.NoLocal);
            options.WithTopicFilter(filter);
        }

        if (_subscriptions.Count == 0) return;
        var result = await client.SubscribeAsync(options.Build(), stopping);
        foreach (var item in result.Items.Where(i => i.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
            MqttLog.SubscriptionRefused(_log, item.TopicFilter.Topic, item.ResultCode.ToString());
    }

    private void Opened()
    {
        _isConnected = true;
        _openedAt = _time.GetTimestamp();
        _outbox.Open(() => Opening?.Invoke());
        _backoff.Succeeded();
        if (_outageSince is { } since) MqttLog.Recovered(_log, _settings.DisplayUrl, (_time.Now() - since).TotalSeconds, _tries);
        else MqttLog.Connected(_log, _settings.DisplayUrl, _clientId, _settings.Protocol == MqttProtocol.V5 ? "5" : "3.1.1");
        (_outageSince, _tries, _lastReason) = (null, 0, null);
    }

    /// <summary>Sends from the outbox, at most <paramref name="window"/> messages unacknowledged at a time, until the connection ends.</summary>
    private async Task SendUntilEndedAsync(IMqttClient client, int window, TaskCompletionSource<ConnectFailure> ended, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var cancelOnEnd = CancelOnEndAsync();
        var slots = new SemaphoreSlim(window, window); // not disposed: a late acknowledgement may still release it
        var refusalLogged = 0;
        while (!ended.Task.IsCompleted && !stopping.IsCancellationRequested)
        {
            try
            {
                if (!_outbox.TryTake(out var message))
                {
                    await _outbox.WaitAsync(either.Token);
                    continue;
                }

                await slots.WaitAsync(either.Token);
                _ = PublishAsync(message);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (_outbox.TakeOverflow() is > 0 and var dropped) MqttLog.Overflow(_log, dropped, Outbox.Capacity);
        }

        await cancelOnEnd;
        return;

        async Task CancelOnEndAsync()
        {
            await ((Task)ended.Task).WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await either.CancelAsync();
        }

        // Calls start in the order of the queue and the client sends in the order of the calls; only the acknowledgements overlap.
        async Task PublishAsync(Outgoing message)
        {
            try
            {
                var result = await client.PublishAsync(Build(message), either.Token);
                _outbox.Acknowledge(message);
                if (!result.IsSuccess && Interlocked.Exchange(ref refusalLogged, 1) == 0) MqttLog.PublishRefused(_log, message.Topic, result.ReasonCode.ToString());
            }
            catch (Exception e)
            {
                // The client's own event knows the reason better, and comes at about the same time.
                if (e is not MQTTnet.Exceptions.MqttCommunicationTimedOutException)
                    await ((Task)ended.Task).WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ended.TrySetResult(ConnectFailure.OfLoss(e));
            }
            finally
            {
                slots.Release();
            }
        }
    }

    private MqttApplicationMessage Build(Outgoing message) => new()
    {
        Topic = message.Topic,
        Payload = new ReadOnlySequence<byte>(message.Payload),
        Retain = message.Retain,
        QualityOfServiceLevel = message.Quality,
        CorrelationData = message.CorrelationData.IsEmpty || _settings.Protocol != MqttProtocol.V5 ? null : message.CorrelationData.ToArray(),
    };

    /// <summary>Sends what is waiting, then <c>offline</c> (a clean end sends no will), then disconnects; within <see cref="MqttTimings.Farewell"/>.</summary>
    private async Task SayGoodbyeAsync(IMqttClient client)
    {
        if (!client.IsConnected) return;
        using var deadline = new CancellationTokenSource(_timings.Farewell);
        try
        {
            while (_outbox.TryTake(out var message)) await client.PublishAsync(Build(message), deadline.Token);
            var offline = new Outgoing { Topic = _topics.GatewayAvailability, Payload = Encoding.UTF8.GetBytes("offline"), Retain = true };
            await client.PublishAsync(Build(offline), deadline.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), deadline.Token);
            MqttLog.SaidGoodbye(_log, _settings.DisplayUrl);
        }
        catch (Exception)
        {
            // The broker does not listen any more; its copy of our will says the same.
        }
    }

    private void Dispatch(MqttApplicationMessage message)
    {
        try
        {
            foreach (var subscription in _subscriptions)
            {
                if (MqttTopicFilterComparer.Compare(message.Topic, subscription.Filter) == MqttTopicFilterCompareResult.IsMatch) subscription.Handler(message);
            }
        }
        catch (Exception e)
        {
            MqttLog.HandlerFailed(_log, message.Topic, e);
        }
    }

    private sealed record Subscription(string Filter, Action<MqttApplicationMessage> Handler, bool NoLocal, bool Retained);
}
