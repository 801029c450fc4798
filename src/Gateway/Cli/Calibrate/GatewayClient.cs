using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Configuration;
using Gateway.Mqtt;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Cli.Calibrate;

/// <summary>The gateway cannot be asked: why, and the remedy.</summary>
internal sealed class GatewayClientException(string message) : Exception(message);

/// <summary>One command to a group of a running gateway, over the broker that both know. One caller.</summary>
internal sealed class GatewayClient : IAsyncDisposable
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(10);

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttSettings _settings;
    private readonly string _group;
    private readonly string? _gateway;
    private readonly string _correlation = Guid.NewGuid().ToString("N");
    private readonly TaskCompletionSource _online = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<JsonElement> _answers = Channel.CreateUnbounded<JsonElement>();
    private volatile bool _heardFailure;

    private GatewayClient(TuttiConfiguration configuration, string group)
    {
        (_settings, _group, _gateway) = (configuration.Mqtt, group, configuration.Gateway.Id);
        _client.ApplicationMessageReceivedAsync += received =>
        {
            Take(received.ApplicationMessage);
            return Task.CompletedTask;
        };
        _client.DisconnectedAsync += end =>
        {
            _answers.Writer.TryComplete();
            return Task.CompletedTask;
        };
    }

    /// <summary>A speaker of the group was named as not measured.</summary>
    public bool HeardFailure => _heardFailure;

    private string Base => _settings.BaseTopic;

    /// <exception cref="GatewayClientException">There is no connection to the broker.</exception>
    public static async Task<GatewayClient> ConnectAsync(TuttiConfiguration configuration, string group, CancellationToken cancellationToken)
    {
        var client = new GatewayClient(configuration, group);
        try
        {
            await client.ConnectAsync(cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="GatewayClientException">None is online.</exception>
    public async Task FindGatewayAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _online.Task.WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new GatewayClientException($"No gateway {(_gateway is null ? "" : $"{_gateway} ")}is running at the broker {_settings.DisplayUrl} under {Base}. Start it (tutti run), or give its configuration with --config FILE.");
        }
    }

    public Task PressAsync(string property, CancellationToken cancellationToken)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("value", "PRESS");
            json.WriteString("correlation", _correlation);
            json.WriteEndObject();
        }

        return _client.PublishAsync(
            new MqttApplicationMessageBuilder().WithTopic($"{Base}/group/{_group}/{property}/set").WithPayload(payload.WrittenMemory.ToArray()).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
            cancellationToken);
    }

    /// <exception cref="GatewayClientException">None comes, or the broker is gone.</exception>
    public async Task<JsonElement> NextAnswerAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            return await _answers.Reader.ReadAsync(deadline.Token);
        }
        catch (ChannelClosedException)
        {
            throw new GatewayClientException($"The broker {_settings.DisplayUrl} closed the connection. The gateway finishes by itself; look at the group in Home Assistant, or calibrate again.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GatewayClientException($"The gateway did not answer within {patience.TotalSeconds:0} s. Look at its log; is the group {_group} in the configuration that it runs with?");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected) await _client.DisconnectAsync();
        _client.Dispose();
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        using var tls = _settings.Tls ? LoadTls() : null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_connect);
        try
        {
            var answer = await _client.ConnectAsync(Options(tls), deadline.Token);
            if (answer.ResultCode != MqttClientConnectResultCode.Success) throw NotConnected(ConnectFailure.Of(answer, _settings));
            var subscriptions = new MqttClientSubscribeOptionsBuilder();
            foreach (var topic in (string[])[$"{Base}/response", $"{Base}/event", $"{Base}/gateway/{_gateway ?? "+"}/availability"]) subscriptions.WithTopicFilter(f => f.WithTopic(topic).WithAtLeastOnceQoS());
            await _client.SubscribeAsync(subscriptions.Build(), deadline.Token);
        }
        catch (Exception e) when (e is not GatewayClientException && !cancellationToken.IsCancellationRequested)
        {
            throw NotConnected(ConnectFailure.Of(e, _settings, tls));
        }
    }

    private BrokerTls LoadTls()
    {
        try
        {
            return BrokerTls.Load(_settings, TimeProvider.System);
        }
        catch (ConnectException no)
        {
            throw NotConnected(no.Failure);
        }
    }

    private MqttClientOptions Options(BrokerTls? tls)
    {
        // An id of its own: the gateway's would throw the gateway out.
        var builder = new MqttClientOptionsBuilder().WithTcpServer(_settings.Host, _settings.Port).WithClientId($"tutti-calibrate-{_correlation[..8]}").WithCleanSession()
            .WithProtocolVersion(_settings.Protocol == MqttProtocol.V5 ? MQTTnet.Formatter.MqttProtocolVersion.V500 : MQTTnet.Formatter.MqttProtocolVersion.V311);
        if (_settings.Username is not null) builder.WithCredentials(_settings.Username, _settings.Password ?? "");
        if (tls is not null) builder.WithTlsOptions(tls.Configure);
        return builder.Build();
    }

    private GatewayClientException NotConnected(ConnectFailure failure) => new($"No connection to the MQTT broker {_settings.DisplayUrl}: {failure.Reason}. {failure.Remedy}");

    private void Take(MqttApplicationMessage message)
    {
        if (message.Topic.EndsWith("/availability", StringComparison.Ordinal))
        {
            if (message.Payload.ToArray().AsSpan().SequenceEqual("online"u8)) _online.TrySetResult();
            return;
        }

        JsonElement content;
        try
        {
            using var document = JsonDocument.Parse(message.Payload);
            content = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return; // somebody else's
        }

        if (message.Topic == $"{Base}/event") _heardFailure |= Has(content, "event_type", "calibration_failed") && Has(content, "group", _group);
        else if (Has(content, "correlation", _correlation)) _answers.Writer.TryWrite(content);
    }

    private static bool Has(JsonElement content, string name, string value) =>
        content.ValueKind == JsonValueKind.Object && content.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String && member.GetString() == value;
}
