using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Configuration;
using Gateway.Engine.Text;
using Gateway.Timing;

namespace Gateway.Cli.Client;

/// <summary>
/// Asks a running gateway over the broker that both know: commands and their answers, events, states. One caller, and everything happens
/// inside its waits (<see cref="UntilAsync"/>): what is heard meanwhile stands in a queue, so nothing here is touched by two threads.
/// </summary>
internal sealed class GatewayClient : IAsyncDisposable
{
    /// <summary>The gateway says within 1 s whether it takes a command; and a machine that is busy.</summary>
    public static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(5);

    // Retained messages come right after the subscription, but nothing says which is the last.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_longestSettling = TimeSpan.FromSeconds(3);

    private readonly MqttSettings _settings;
    private readonly string? _wanted;

    // Written by anyone.
    private readonly Channel<Func<Task>> _work = Channel.CreateUnbounded<Func<Task>>(new UnboundedChannelOptions { SingleReader = true });

    // Touched inside the caller's waits only.
    private readonly Dictionary<string, List<GatewayAnswer>> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Id), DeviceState> _devices = [];
    private readonly HashSet<string> _online = new(StringComparer.Ordinal);
    private BrokerSession? _session;
    private string? _gateway;
    private int _heard;

    private GatewayClient(TuttiConfiguration configuration) => (_settings, _wanted) = (configuration.Mqtt, configuration.Gateway.Id);

    /// <summary>Raised inside the caller's waits.</summary>
    public event Action<GatewayEvent>? Happened;

    /// <summary>Known after <see cref="FindGatewayAsync"/>.</summary>
    public string GatewayId => _gateway ?? throw new InvalidOperationException("No gateway was looked for yet.");

    public DeviceState? Gateway => Device("gateway", GatewayId);

    private string Base => _settings.BaseTopic;

    /// <param name="name">The subcommand, for the client id.</param>
    /// <exception cref="GatewayClientException">There is no connection to the broker.</exception>
    public static async Task<GatewayClient> ConnectAsync(TuttiConfiguration configuration, string name, CancellationToken cancellationToken)
    {
        var client = new GatewayClient(configuration);
        string[] filters = [$"{client.Base}/response", $"{client.Base}/event", $"{client.Base}/gateway/{client._wanted ?? "+"}/availability", $"{client.Base}/+/+/state"];
        client._session = await BrokerSession.ConnectAsync(client._settings, name, filters, client.Take, () => client._work.Writer.TryComplete(), cancellationToken);
        return client;
    }

    /// <summary>Waits for the gateway, and for the states of its devices.</summary>
    /// <exception cref="GatewayClientException">None is online, or several are and the configuration names none.</exception>
    public async Task FindGatewayAsync(CancellationToken cancellationToken)
    {
        if (!await UntilAsync(() => _online.Count > 0, FirstAnswer, cancellationToken))
            throw new GatewayClientException($"No gateway {(_wanted is null ? "" : $"{_wanted} ")}is running at the broker {_settings.DisplayUrl} under {Base}. Start it (tutti run), or give its configuration with --config FILE.");
        // A busy machine brings what is retained in pieces: without its own state nothing would be said of it.
        await UntilAsync(() => _online.All(id => Device("gateway", id) is not null), FirstAnswer, cancellationToken);
        await SettleAsync(cancellationToken);
        if (_online.Count > 1)
            throw new GatewayClientException($"Several gateways are running at the broker {_settings.DisplayUrl}: {string.Join(", ", _online.Order(StringComparer.Ordinal))}. Say which with gateway.id in the configuration.", ExitCodes.UsageOrConfiguration);
        _gateway = _online.Single();
    }

    public DeviceState? Device(string kind, string id) => _devices.GetValueOrDefault((kind, id));

    /// <summary>All of a kind, by id.</summary>
    public IReadOnlyList<DeviceState> Devices(string kind) => [.. _devices.Values.Where(d => d.Kind == kind).OrderBy(d => d.Id, StringComparer.Ordinal)];

    public IReadOnlyList<SourceState> Sources() => [.. (Gateway?.Json ?? default).Items("a2dp_sources").Where(s => s.Text("address") is not null)
        .Select(s => new SourceState(s.Text("name") ?? s.Text("address")!, s.Text("address")!, s.Text("adapter"), s.Flag("connected") == true))];

    public string CommandTopic(string target) => $"{Base}/{target}/set";

    /// <summary>Sends a command and waits for its end.</summary>
    /// <param name="target"><c>speaker/kitchen/pair</c>.</param>
    /// <param name="patience">For the end of what was accepted.</param>
    /// <exception cref="GatewayClientException">No answer comes, or the broker is gone.</exception>
    public async Task<GatewayAnswer> AskAsync(string target, string value, TimeSpan patience, CancellationToken cancellationToken, Action<GatewayAnswer>? accepted = null)
    {
        var correlation = Guid.NewGuid().ToString("N");
        var answers = _answers[correlation] = [];
        try
        {
            await _session!.PublishAsync(CommandTopic(target), Envelope(value, correlation), cancellationToken);
            if (!await UntilAsync(() => answers.Count > 0, FirstAnswer, cancellationToken)) throw NoAnswer(FirstAnswer);
            if (answers[0].IsAccepted)
            {
                accepted?.Invoke(answers[0]);
                if (!await UntilAsync(() => answers.Count > 1, patience, cancellationToken)) throw NoAnswer(patience);
            }

            return answers[^1];
        }
        finally
        {
            _answers.Remove(correlation);
        }
    }

    /// <summary>Takes in what is heard until the condition holds; false: it did not in time.</summary>
    /// <exception cref="GatewayClientException">The broker or the gateway is gone.</exception>
    public async Task<bool> UntilAsync(Func<bool> reached, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        while (!reached())
        {
            var next = _work.Reader.ReadAsync(deadline.Token).AsTask();
            await ((Task)next).Ended();
            if (next.IsCanceled && !cancellationToken.IsCancellationRequested) return false;
            if (next.Failure() is ChannelClosedException) throw new GatewayClientException($"The broker {_settings.DisplayUrl} closed the connection. The gateway goes on by itself; look at it in Home Assistant, or ask again.");
            await (await next)();
            if (_gateway is not null && !_online.Contains(_gateway)) throw new GatewayClientException($"The gateway {_gateway} stopped meanwhile. Look at its log, start it and ask again.");
        }

        return true;
    }

    /// <summary>Has something done inside the caller's waits; from any thread.</summary>
    public void Post(Func<Task> work) => _work.Writer.TryWrite(work);

    /// <summary>Waits until nothing more comes.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var until = Environment.TickCount64 + (long)s_longestSettling.TotalMilliseconds;
        int before;
        do before = _heard;
        while (await UntilAsync(() => _heard != before, s_quiet, cancellationToken) && Environment.TickCount64 < until);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
    }

    private static GatewayClientException NoAnswer(TimeSpan patience) =>
        new($"The gateway did not answer within {patience.TotalSeconds:0} s. Look at its log; does it run with this configuration?");

    private static byte[] Envelope(string value, string correlation)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("value", value);
            json.WriteString("correlation", correlation);
            json.WriteEndObject();
        }

        return payload.WrittenMemory.ToArray();
    }

    // On the connection's thread: only reads what it was given.
    private void Take(string topic, ReadOnlySequence<byte> payload)
    {
        var parts = topic.StartsWith(Base + "/", StringComparison.Ordinal) ? topic[(Base.Length + 1)..].Split('/') : [];
        if (parts is ["gateway", var gateway, "availability"])
        {
            var online = payload.ToArray().AsSpan().SequenceEqual("online"u8);
            Do(() => _ = online ? _online.Add(gateway) : _online.Remove(gateway));
            return;
        }

        if (parts is [var gone, var goneId, "state"] && payload.IsEmpty)
        {
            Do(() => _devices.Remove((gone, goneId)));
            return;
        }

        if (ForeignJson.TryParse(payload) is not { } content) return;
        // Ids are printed as parts of commands to copy, and anybody may publish.
        if (parts is [var kind, var id, "state"] && Ids.IsValid(id)) Do(() => _devices[(kind, id)] = new DeviceState(kind, id, content));
        else if (parts is ["event"]) Do(() => Happened?.Invoke(new GatewayEvent(content)));
        else if (parts is ["response"] && content.Text("correlation") is { } correlation) Do(() => _answers.GetValueOrDefault(correlation)?.Add(new GatewayAnswer(content)));
    }

    private void Do(Action action) => Post(() =>
    {
        _heard++;
        action();
        return Task.CompletedTask;
    });
}
