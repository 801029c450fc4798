using Gateway.Configuration;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Mqtt;

/// <summary>With what words the broker is asked to let us in, and what is subscribed there.</summary>
internal sealed partial class MqttConnection
{
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
}
