using System.Diagnostics;
using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>
/// One gateway process, one Mosquitto, a client that sends commands all the time, and one fault after the other. After each fault the house has to come back,
/// and nothing that was answered may be lost: the campaign asks <see cref="Ledger"/>.
/// </summary>
internal sealed class Campaign : IDisposable
{
    private static readonly TimeSpan s_backLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_settleLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Sent while faults happen; each is a setting or a wish that its state shows.</summary>
    private static readonly string[] s_speakers = ["flip_a", "flip_b", "roam", "flex", "emberton", "wonderboom"];

    private readonly Random _random;
    private readonly WorkDirectory _work = new("/tmp");
    private readonly string _data;
    private readonly FaultyBroker _broker;
    private readonly CutProxy _proxy;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private readonly (string Name, Action Do)[] _faults;
    private Child _gateway;

    public Campaign(int seed)
    {
        _random = new Random(seed);
        Directory.CreateDirectory(Path.Combine(_work.Path, "broker"));
        _data = Path.Combine(_work.Path, "data");
        _broker = new FaultyBroker(Path.Combine(_work.Path, "broker"));
        _proxy = new CutProxy(_broker.Port);
        _faults = Faults();
        _gateway = NewGateway();
        _client.ApplicationMessageReceivedAsync += message =>
        {
            var heard = message.ApplicationMessage;
            Book.Hear(heard.Topic, System.Buffers.BuffersExtensions.ToArray(heard.Payload));
            return Task.CompletedTask;
        };
        _sending = Task.Run(SendAsync);
        Back("start");
    }

    public Ledger Book { get; } = new();

    /// <summary>Seconds until a command was answered again, a fault each.</summary>
    public List<double> BackSeconds { get; } = [];

    /// <summary>What did not hold, in sentences with the fault's number.</summary>
    public List<string> Broken { get; } = [];

    public int Lost { get; private set; }

    /// <summary>Carries out one fault, and asks whether everything still holds.</summary>
    public void Step(int number)
    {
        var (name, fault) = _faults[_random.Next(_faults.Length)];
        var what = $"{number} {name}";
        fault();
        var since = Stopwatch.GetTimestamp();
        Back(what);
        BackSeconds.Add(Stopwatch.GetElapsedTime(since).TotalSeconds);
        Settle(what);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sending.GetAwaiter().GetResult();
        _client.Dispose();
        _gateway.End();
        _gateway.Dispose();
        _proxy.Dispose();
        _broker.Dispose();
        _stop.Dispose();
        _work.Dispose();
    }

    private (string Name, Action Do)[] Faults() =>
    [
        ("broker killed", () => { _broker.Process.Kill(); Wait(0, 3); _broker.StartAgain(); }),
        ("broker stopped", () => { _broker.Process.End(); Wait(0, 3); _broker.StartAgain(); }),
        ("broker frozen", () => { _broker.Process.Signal(Child.Stop); Wait(1, 8); _broker.Process.Signal(Child.Continue); }),
        ("wire cut", () => _proxy.Cut()),
        ("wire is a hole", () => { _proxy.Wire = Wire.Hole; Wait(1, 12); _proxy.Wire = Wire.Well; }),
        ("wire slow", () => { _proxy.Wire = Wire.Slow; Wait(1, 6); _proxy.Wire = Wire.Well; }),
        ("gateway killed", () => { _gateway.Kill(); StartGateway(); }),
        ("gateway stopped", () => { _gateway.End(); StartGateway(); }),
        ("gateway suspended", () => { _gateway.Signal(Child.Stop); Wait(1, 5); _gateway.Signal(Child.Continue); }),
        ("database damaged", DamageDatabase),
        ("disk taken away", TakeDisk),
        ("hostile messages", () => SendHostile(60)),
        ("flood", Flood),
    ];

    private Child NewGateway() => new(Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "tutti-bench.dll"), SimulatedGateway.Name,
        _proxy.Port.ToString(CultureInfo.InvariantCulture), _broker.Port.ToString(CultureInfo.InvariantCulture), _data);

    private void StartGateway()
    {
        _gateway.Dispose();
        _gateway = NewGateway();
    }

    private void Wait(double least, double most) => Thread.Sleep(TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble())));

    /// <summary>Until a command is answered.</summary>
    private void Back(string what)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < s_backLimit)
        {
            if (_gateway.HasExited)
            {
                Broken.Add($"{what}: the gateway ended: {_gateway.Said}");
                StartGateway();
            }

            var probe = Book.Open("speaker/emberton/keep_awake", "OFF");
            if (Send(probe) && Until(() => probe.Result is not null, TimeSpan.FromSeconds(1))) return;
        }

        Broken.Add($"{what}: nothing is answered after {s_backLimit.TotalSeconds:0} s: {_gateway.Said}");
        StartGateway();
    }

    /// <summary>What was taken is shown, sooner or later.</summary>
    private void Settle(string what)
    {
        if (Until(() => Book.Lost().Count == 0, s_settleLimit)) return;
        var lost = Book.Lost();
        Lost += lost.Count;
        Broken.AddRange(lost.Select(l => $"{what}: {l}"));
        Book.ForgetWhatWasTaken();
    }

    private void DamageDatabase()
    {
        _gateway.Kill();
        using (var file = new FileStream(Path.Combine(_data, "tutti.db"), FileMode.Open))
        {
            var pages = (int)(file.Length / 4096);
            for (var page = 1; page < pages; page++)
            {
                if (_random.Next(2) == 0) continue;
                file.Position = page * 4096L;
                file.Write(new byte[4096]);
            }
        }

        File.Delete(Path.Combine(_data, "tutti.db-wal"));
        File.Delete(Path.Combine(_data, "tutti.db-shm"));
        Book.ForgetWhatWasTaken();
        StartGateway();
        Book.ForgetWhatWasTaken();
    }

    /// <summary>A file in the folder's place: nothing can be written, as on a disk that is gone.</summary>
    private void TakeDisk()
    {
        var away = _data + ".away";
        Directory.Move(_data, away);
        File.WriteAllText(_data, "");
        Wait(0.5, 3);
        File.Delete(_data);
        Directory.Move(away, _data);
        if (_gateway.HasExited) StartGateway(); // it was just starting, said what is missing and ended: its supervisor's turn
    }

    private void SendHostile(int messages)
    {
        string[] topics = ["tutti/speaker/flip_a/trim_ms/set", "tutti/group/party/active/set", "tutti/x/y/z/set", "tutti/gateway/demo/pairing_answer/set", "homeassistant/status", "tutti/voice/party/x/set"];
        for (var i = 0; i < messages; i++)
        {
            var noise = new byte[_random.Next(0, i % 10 == 0 ? 100_000 : 100)];
            _random.NextBytes(noise);
            var message = new MqttApplicationMessageBuilder().WithTopic(topics[_random.Next(topics.Length)]).WithPayload(_random.Next(2) == 0 ? noise : Encoding.UTF8.GetBytes("{\"value\":[[[1e999"));
            if (_random.Next(4) == 0) message.WithResponseTopic(string.Join('/', Enumerable.Repeat("a", _random.Next(1, 250))));
            TryPublish(message.Build());
        }
    }

    private void Flood()
    {
        for (var i = 0; i < 2000; i++) Send(NewCommand());
    }

    private Entry NewCommand()
    {
        var speaker = s_speakers[_random.Next(s_speakers.Length)];
        return _random.Next(6) switch
        {
            0 => Book.Open("group/party/active", _random.Next(2) == 0 ? "ON" : "OFF"),
            1 => Book.Open("group/party/mute", _random.Next(2) == 0 ? "ON" : "OFF"),
            _ => Book.Open($"speaker/{speaker}/trim_ms", _random.Next(-500, 2000).ToString(CultureInfo.InvariantCulture)),
        };
    }

    /// <summary>The house is never quiet.</summary>
    private async Task SendAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (!_client.IsConnected) await ConnectAsync();
            else Send(NewCommand());
            await Task.Delay(150);
        }
    }

    private async Task ConnectAsync()
    {
        try
        {
            // A session that outlives the broker's faults: what the gateway answered meanwhile is heard.
            var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _broker.Port).WithClientId("campaign").WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
                .WithCleanStart(false).WithSessionExpiryInterval(3600).WithTimeout(TimeSpan.FromSeconds(3)).Build();
            await _client.ConnectAsync(options);
            foreach (var filter in new[] { "tutti/response", "tutti/event", "tutti/+/+/state", "tutti/+/+/availability" }) await _client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        }
        catch (Exception)
        {
            // the broker is what is tormented
        }
    }

    private bool Send(Entry entry) => TryPublish(new MqttApplicationMessageBuilder().WithTopic($"tutti/{entry.Target}/set")
        .WithPayload($$"""{"value":"{{entry.Value}}","correlation":"{{entry.Number}}"}""").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    private bool TryPublish(MqttApplicationMessage message)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            _client.PublishAsync(message, limit.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static bool Until(Func<bool> condition, TimeSpan limit)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(since) > limit) return false;
            Thread.Sleep(s_pause);
        }

        return true;
    }
}
