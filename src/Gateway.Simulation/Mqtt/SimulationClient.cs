using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Simulation;

/// <summary>
/// The simulator's own MQTT client: truth out once a second, control in. One loop owns the connection and makes it
/// anew whenever the broker went away.
/// </summary>
internal sealed class SimulationClient : IAsyncDisposable
{
    public const string TruthTopic = "tutti-sim/truth";
    public const string ControlTopic = "tutti-sim/control";
    public const string ProblemTopic = "tutti-sim/problem";

    private const int LongestPayload = 64 * 1024;
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly SimulatedBroker _broker;
    private readonly Func<IReadOnlyList<TruthMessage>> _truth;
    private readonly Action<ReadOnlyMemory<byte>> _obey;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="obey">Obeys a control message; throws <see cref="ControlException"/> where it cannot.</param>
    public SimulationClient(SimulatedBroker broker, Func<IReadOnlyList<TruthMessage>> truth, Action<ReadOnlyMemory<byte>> obey, TimeProvider time, ILogger logger)
    {
        _broker = broker;
        _truth = truth;
        _obey = obey;
        _time = time;
        _logger = logger;
        _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var wait = TimeSpan.FromSeconds(0.25);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(() => wait = TimeSpan.FromSeconds(0.25), stopping);
                if (stopping.IsCancellationRequested) return;
                SimulationLog.BrokerAway(_logger, _broker, "the connection was lost", wait.TotalSeconds);
            }
            catch (Exception e)
            {
                if (stopping.IsCancellationRequested) return;
                SimulationLog.BrokerAway(_logger, _broker, e.Message, wait.TotalSeconds);
            }

            await Task.Delay(wait, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds * 2, 5));
        }
    }

    /// <summary>One session: returns when the connection is lost or we stop.</summary>
    private async Task ServeAsync(Action connected, CancellationToken stopping)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        using var session = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var problems = Channel.CreateBounded<string>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });
        client.DisconnectedAsync += _ => session.CancelAsync();
        client.ApplicationMessageReceivedAsync += message =>
        {
            Obey(message.ApplicationMessage, problems.Writer);
            return Task.CompletedTask;
        };

        await client.ConnectAsync(Options(), stopping);
        await client.SubscribeAsync(ControlTopic, MqttQualityOfServiceLevel.AtLeastOnce, stopping);
        SimulationLog.BrokerThere(_logger, _broker);
        connected();
        var serving = Task.WhenAll(TellAsync(client, session.Token), AnswerAsync(client, problems.Reader, session.Token));
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // However it failed, when the session is over the loop makes the next one.
        if (!session.IsCancellationRequested && client.IsConnected) await serving;
        if (client.IsConnected) await client.DisconnectAsync(cancellationToken: CancellationToken.None);
    }

    private MqttClientOptions Options()
    {
        var options = new MqttClientOptionsBuilder().WithTcpServer(_broker.Host, _broker.Port).WithTimeout(TimeSpan.FromSeconds(5));
        if (_broker.Username is { } user) options.WithCredentials(user, _broker.Password);
        return options.Build();
    }

    private async Task TellAsync(IMqttClient client, CancellationToken session)
    {
        using var timer = new PeriodicTimer(s_period, _time);
        while (await timer.WaitForNextTickAsync(session))
        {
            foreach (var truth in _truth()) await client.PublishAsync(Message(TruthTopic, truth.ToJson()), session);
        }
    }

    private static async Task AnswerAsync(IMqttClient client, ChannelReader<string> problems, CancellationToken session)
    {
        await foreach (var problem in problems.ReadAllAsync(session))
            await client.PublishAsync(Message(ProblemTopic, System.Text.Encoding.UTF8.GetBytes(problem)), session);
    }

    private void Obey(MqttApplicationMessage message, ChannelWriter<string> problems)
    {
        try
        {
            if (message.Payload.Length > LongestPayload) throw new ControlException("The control message is longer than 64 KiB.");
            _obey(message.Payload.ToArray());
        }
        catch (ControlException e)
        {
            SimulationLog.Refused(_logger, e.Message);
            problems.TryWrite(e.Message);
        }
    }

    private static MqttApplicationMessage Message(string topic, byte[] payload) =>
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtMostOnce).Build();
}
