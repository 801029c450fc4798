using System.Text;
using System.Threading.Channels;
using Gateway.Configuration;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Demo;

/// <summary>A message that came by: what any other client of the broker sees.</summary>
internal sealed record Seen(string Topic, string Payload, bool Retained);

/// <summary>An ordinary MQTT client, apart from the gateway's: the story and its teller know only what it sees.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private readonly IMqttClient _client;
    private readonly Channel<Seen> _messages = Channel.CreateBounded<Seen>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });

    private Watcher(IMqttClient client) => _client = client;

    public ChannelReader<Seen> Messages => _messages.Reader;

    /// <summary>Null: the broker does not answer within 10 s, or says no.</summary>
    public static async Task<Watcher?> ConnectAsync(MqttSettings settings, CancellationToken cancellationToken)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var watcher = new Watcher(client);
        client.ApplicationMessageReceivedAsync += message =>
        {
            watcher._messages.Writer.TryWrite(new Seen(message.ApplicationMessage.Topic, Encoding.UTF8.GetString(message.ApplicationMessage.Payload), message.ApplicationMessage.Retain));
            return Task.CompletedTask;
        };
        var options = new MqttClientOptionsBuilder().WithTcpServer(settings.Host, settings.Port).WithCleanStart();
        if (settings.Username is { } user) options = options.WithCredentials(user, settings.Password);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            var result = await client.ConnectAsync(options.Build(), timeout.Token);
            if (result.ResultCode != MqttClientConnectResultCode.Success) return null;
            await client.SubscribeAsync($"{settings.BaseTopic}/#", MqttQualityOfServiceLevel.AtLeastOnce, timeout.Token);
            return watcher;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            await watcher.DisposeAsync();
            return null;
        }
    }

    public Task SendAsync(string topic, string payload, CancellationToken cancellationToken) =>
        _client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain: false, cancellationToken);

    /// <summary>Empties a retained topic.</summary>
    public Task ClearAsync(string topic, CancellationToken cancellationToken) =>
        _client.PublishStringAsync(topic, "", MqttQualityOfServiceLevel.AtLeastOnce, retain: true, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
