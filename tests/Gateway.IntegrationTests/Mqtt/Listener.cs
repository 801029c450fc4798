using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.IntegrationTests.Mqtt;

internal sealed record Heard(string Topic, string Text, bool Retain, DateTimeOffset At, byte[]? CorrelationData);

/// <summary>Somebody else on the broker: hears everything, and sends commands.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly List<Heard> _heard = [];
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    public static async Task<Listener> StartAsync(int port, Action<MqttClientOptionsBuilder>? configure = null)
    {
        var listener = new Listener();
        listener._client.ApplicationMessageReceivedAsync += e =>
        {
            var m = e.ApplicationMessage;
            lock (listener._heard) listener._heard.Add(new(m.Topic, Encoding.UTF8.GetString(m.Payload.ToArray()), m.Retain, DateTimeOffset.UtcNow, m.CorrelationData));
            return Task.CompletedTask;
        };
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500);
        configure?.Invoke(options);
        await listener._client.ConnectAsync(options.Build());
        // Retain as published: tells what was sent with the retain flag, not only what was stored before.
        await listener._client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(f => f.WithTopic("#").WithAtLeastOnceQoS().WithRetainAsPublished()).Build());
        return listener;
    }

    public IReadOnlyList<Heard> All
    {
        get
        {
            lock (_heard) return [.. _heard];
        }
    }

    public IReadOnlyList<Heard> On(string topic) => [.. All.Where(h => h.Topic == topic)];

    /// <summary>The last payload of a topic; null: none.</summary>
    public string? Last(string topic) => All.LastOrDefault(h => h.Topic == topic)?.Text;

    public Task HearsAsync(string topic, string text, double seconds = 15) =>
        Eventually.TrueAsync($"\"{text}\" on {topic} (last: \"{Last(topic)}\")", () => Last(topic) == text, seconds);

    public Task<Heard> HearsAsync(string topic, Func<Heard, bool>? condition = null, double seconds = 15) =>
        Eventually.SomeAsync($"a message on {topic}", () => On(topic).FirstOrDefault(h => condition?.Invoke(h) ?? true), seconds);

    /// <summary>The answer to the last command on this topic.</summary>
    public async Task<JsonObject> AnswerAsync(string commandTopic)
    {
        var answer = await HearsAsync("tutti/response", h => (string?)JsonNode.Parse(h.Text)!["topic"] == commandTopic);
        return (JsonObject)JsonNode.Parse(answer.Text)!;
    }

    public void Forget()
    {
        lock (_heard) _heard.Clear();
    }

    public Task SendAsync(string topic, string text, bool retain = false) => SendAsync(topic, Encoding.UTF8.GetBytes(text), retain);

    public Task SendAsync(string topic, byte[] payload, bool retain = false) => SendAsync(new MqttApplicationMessage
    {
        Topic = topic, Payload = new ReadOnlySequence<byte>(payload), Retain = retain, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    });

    public Task SendAsync(MqttApplicationMessage message) => _client.PublishAsync(message);

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected) await _client.DisconnectAsync();
        _client.Dispose();
    }
}
