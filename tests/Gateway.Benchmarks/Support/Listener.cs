using System.Buffers;
using System.Diagnostics;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Benchmarks;

/// <summary>A client that tells each message to one handler, with the time at which it came.</summary>
internal sealed class Listener : IDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    /// <summary>Called on the client's receive loop: topic, payload, <see cref="Stopwatch"/> time stamp.</summary>
    public Action<string, byte[], long>? Received { get; set; }

    public static async Task<Listener> ConnectAsync(int port, params string[] filters)
    {
        var listener = new Listener();
        listener._client.ApplicationMessageReceivedAsync += message =>
        {
            listener.Received?.Invoke(message.ApplicationMessage.Topic, message.ApplicationMessage.Payload.ToArray(), Stopwatch.GetTimestamp());
            return Task.CompletedTask;
        };
        await listener._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build());
        foreach (var filter in filters)
        {
            await listener.SubscribeAsync(filter);
        }

        return listener;
    }

    public Task SubscribeAsync(string filter) => _client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce);

    public Task PublishAsync(string topic, string payload) => _client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).Build());

    public void Dispose() => _client.Dispose();
}
