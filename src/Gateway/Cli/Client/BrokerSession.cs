using System.Buffers;
using Gateway.Configuration;
using Gateway.Mqtt;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Gateway.Cli.Client;

/// <summary>One connection of a subcommand to the broker. What is heard is handed over on the connection's own thread, in order.</summary>
internal sealed class BrokerSession : IAsyncDisposable
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(10);

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttSettings _settings;

    private BrokerSession(MqttSettings settings, Action<string, ReadOnlySequence<byte>> heard, Action closed)
    {
        _settings = settings;
        _client.ApplicationMessageReceivedAsync += received =>
        {
            heard(received.ApplicationMessage.Topic, received.ApplicationMessage.Payload);
            return Task.CompletedTask;
        };
        _client.DisconnectedAsync += end =>
        {
            closed();
            return Task.CompletedTask;
        };
    }

    /// <param name="name">What this is, for the client id.</param>
    /// <exception cref="GatewayClientException">There is no connection, or the broker lets us hear nothing.</exception>
    public static async Task<BrokerSession> ConnectAsync(
        MqttSettings settings, string name, IReadOnlyList<string> filters, Action<string, ReadOnlySequence<byte>> heard, Action closed, CancellationToken cancellationToken)
    {
        var session = new BrokerSession(settings, heard, closed);
        if (await session.TryConnectAsync(name, filters, cancellationToken) is not { } failure) return session;
        await session.DisposeAsync();
        cancellationToken.ThrowIfCancellationRequested(); // the library has other words for it
        throw new GatewayClientException($"No connection to the MQTT broker {settings.DisplayUrl}: {failure.Reason}. {failure.Remedy}") { NotConnectedBecause = failure.Reason };
    }

    /// <exception cref="GatewayClientException">The broker did not take it.</exception>
    public async Task PublishAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        try
        {
            await _client.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancellationToken);
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttClientDisconnectedException or MqttClientNotConnectedException or InvalidOperationException)
        {
            throw new GatewayClientException($"The broker {_settings.DisplayUrl} did not take the command: the connection is gone. Try again.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected) await _client.DisconnectAsync();
        _client.Dispose();
    }

    /// <summary>Why there is no connection; null: there is one.</summary>
    private async Task<ConnectFailure?> TryConnectAsync(string name, IReadOnlyList<string> filters, CancellationToken cancellationToken)
    {
        BrokerTls? tls = null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_connect);
        try
        {
            if (_settings.Tls) tls = BrokerTls.Load(_settings, TimeProvider.System);
            var answer = await _client.ConnectAsync(Options(name, tls), deadline.Token);
            if (answer.ResultCode != MqttClientConnectResultCode.Success) return ConnectFailure.Of(answer, _settings);
            var subscriptions = new MqttClientSubscribeOptionsBuilder();
            foreach (var filter in filters) subscriptions.WithTopicFilter(f => f.WithTopic(filter).WithAtLeastOnceQoS());
            await _client.SubscribeAsync(subscriptions.Build(), deadline.Token);
            return null;
        }
        catch (Exception e)
        {
            return ConnectFailure.Of(e, _settings, tls);
        }
        finally
        {
            tls?.Dispose();
        }
    }

    private MqttClientOptions Options(string name, BrokerTls? tls)
    {
        // An id of its own: the gateway's would throw the gateway out.
        var builder = new MqttClientOptionsBuilder().WithTcpServer(_settings.Host, _settings.Port).WithClientId($"tutti-{name}-{Guid.NewGuid().ToString("N")[..8]}").WithCleanSession()
            .WithProtocolVersion(_settings.Protocol == MqttProtocol.V5 ? MQTTnet.Formatter.MqttProtocolVersion.V500 : MQTTnet.Formatter.MqttProtocolVersion.V311);
        if (_settings.Username is not null) builder.WithCredentials(_settings.Username, _settings.Password ?? "");
        if (tls is not null) builder.WithTlsOptions(tls.Configure);
        return builder.Build();
    }
}
