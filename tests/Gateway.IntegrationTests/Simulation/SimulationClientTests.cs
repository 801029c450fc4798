using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Engine;
using Gateway.Simulation;
using MQTTnet;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.Simulation;

public sealed class SimulationClientTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(3);

    private static readonly HouseConfiguration s_house = new()
    {
        Adapters = [new ConfiguredAdapter { Name = "hci0", Address = BluetoothAddress.Parse("00:1A:7D:00:00:01") }],
        Speakers = [new ConfiguredSpeaker { Id = "flex", Name = "Flex", Model = "Bose SoundLink Flex" }, new ConfiguredSpeaker { Id = "flip", Name = "Flip", Model = "JBL Flip 6" }],
    };

    [Fact]
    public async Task Truth_comes_unretained_for_each_speaker_control_is_obeyed_and_nonsense_answered_across_a_broker_restart()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var house = new SimulatedHouse(
            new SimulatedHouseOptions { Configuration = s_house, Broker = new SimulatedBroker("127.0.0.1", broker.Port) }, TimeProvider.System, NullLoggerFactory.Instance);

        await using (var watcher = await Watcher.ConnectAsync(broker.Port))
        {
            var speakers = new HashSet<string>();
            while (speakers.Count < s_house.Speakers.Count) speakers.Add((await watcher.TruthAsync(_ => true)).GetProperty("speaker").GetString()!);
            await watcher.SendAsync("""{"speaker":"flex","do":"latency","value":199}""");
            var told = await watcher.TruthAsync(t => t.GetProperty("speaker").GetString() == "flex" && t.GetProperty("latency_ms").GetDouble() == 199);
            await watcher.SendAsync("""{"speaker":"flexx","do":"off"}""");
            var problem = await watcher.ProblemAsync();

            Assert.Equal(JsonValueKind.Null, told.GetProperty("arrival_ms").ValueKind);
            Assert.Contains("\"flex\"", problem, StringComparison.Ordinal);
        }

        broker.Kill();
        await broker.StartAgainAsync();
        await using var later = await Watcher.ConnectAsync(broker.Port);
        await later.TruthAsync(_ => true);
        await later.SendAsync("""{"speaker":"flex","do":"ppm","value":77}""");
        await later.TruthAsync(t => t.GetProperty("clock_ppm").GetDouble() == 77);
    }

    private sealed class Watcher : IAsyncDisposable
    {
        private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
        private readonly Channel<MqttApplicationMessage> _messages = Channel.CreateUnbounded<MqttApplicationMessage>();

        public static async Task<Watcher> ConnectAsync(int port)
        {
            var watcher = new Watcher();
            watcher._client.ApplicationMessageReceivedAsync += m =>
            {
                watcher._messages.Writer.TryWrite(m.ApplicationMessage);
                return Task.CompletedTask;
            };
            using var deadline = new CancellationTokenSource(s_deadline);
            while (true)
            {
                try
                {
                    await watcher._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build(), deadline.Token);
                    break;
                }
                catch (Exception) when (!deadline.IsCancellationRequested)
                {
                    await Task.Delay(50, deadline.Token);
                }
            }

            await watcher._client.SubscribeAsync("tutti-sim/#");
            return watcher;
        }

        public async ValueTask DisposeAsync()
        {
            await _client.DisconnectAsync();
            _client.Dispose();
        }

        public async Task SendAsync(string json) => await _client.PublishStringAsync(SimulationClient.ControlTopic, json);

        public async Task<JsonElement> TruthAsync(Func<JsonElement, bool> wanted)
        {
            while (true)
            {
                var truth = JsonDocument.Parse(await NextAsync(SimulationClient.TruthTopic)).RootElement;
                if (wanted(truth)) return truth;
            }
        }

        public Task<string> ProblemAsync() => NextAsync(SimulationClient.ProblemTopic);

        private async Task<string> NextAsync(string topic)
        {
            using var deadline = new CancellationTokenSource(s_deadline);
            try
            {
                while (true)
                {
                    var message = await _messages.Reader.ReadAsync(deadline.Token);
                    if (message.Topic != topic) continue;
                    Assert.False(message.Retain);
                    return Encoding.UTF8.GetString(message.Payload);
                }
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Nothing that was waited for came on {topic} within {s_deadline.TotalSeconds} s.");
            }
        }
    }
}
