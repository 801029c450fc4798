using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Configuration;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>
/// One gateway process, one Mosquitto, a client that sends commands all the time, and one fault after the other. After each fault the house has to come back,
/// and nothing that was answered may be lost: the campaign asks <see cref="Ledger"/>.
/// </summary>
internal sealed class Campaign : IDisposable
{
    private const int FloodSize = 2000;
    private static readonly TimeSpan s_backLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_settleLimit = TimeSpan.FromSeconds(20);

    /// <summary>A device may take a minute, and tells a little later.</summary>
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(90);

    /// <summary>A process that is asked to end is killed after it.</summary>
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(15);

    /// <summary>The gateway forgets earlier failures to connect once a connection has stood for ten seconds.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan s_probe = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Sent while faults happen; each is a setting or a wish that its state shows.</summary>
    private static readonly string[] s_speakers = ["flip_a", "flip_b", "roam", "flex", "emberton", "wonderboom"];

    /// <summary>Links that stand in a group's way, and that the group's way cuts.</summary>
    private static readonly string[] s_peers = ["Emberton II", "JBL Flip 6 A", "Disconnected"];

    /// <summary>The faults' own: commands are sent from another thread, and must not change what comes next.</summary>
    private readonly Random _random;
    private readonly Random _wishes;
    private readonly WorkDirectory _work = new("/tmp");
    private readonly SmallDisk? _disk;
    private readonly string _data;
    private readonly FaultyBroker _broker;
    private readonly CutProxy _proxy;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private readonly (string Name, Action Do)[] _faults;
    private long _back = Stopwatch.GetTimestamp();
    private MqttProtocol _protocol = MqttProtocol.V5;
    private ChildProcess _gateway;

    /// <param name="seed">Of the faults and the commands.</param>
    /// <param name="ownDisk">The data lies on a small disk of its own, where this user may make one: only such a disk can be full.</param>
    public Campaign(int seed, bool ownDisk)
    {
        _random = new Random(seed);
        _wishes = new Random(seed);
        Directory.CreateDirectory(Path.Combine(_work.Path, "broker"));
        _disk = ownDisk ? SmallDisk.TryMake(Path.Combine(_work.Path, "disk")) : null;
        _data = Path.Combine(_disk?.Path ?? _work.Path, "data");
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

    /// <summary>Whether the full disk is among the faults.</summary>
    public bool HasOwnDisk => _disk is not null;

    /// <summary>Seconds until a command was answered again, for each fault that came after a rest.</summary>
    public List<double> BackSeconds { get; } = [];

    /// <summary>The same for faults that came upon each other: the gateway's tries have growing pauses then, up to 30 s.</summary>
    public List<double> BackInARowSeconds { get; } = [];

    /// <summary>The fault after which it took longest.</summary>
    public string Slowest { get; private set; } = "";

    /// <summary>What did not hold, in sentences with the fault's number.</summary>
    public List<string> Broken { get; } = [];

    public int Lost { get; private set; }

    /// <summary>Commands that were accepted and never ended.</summary>
    public int WithoutEnd { get; private set; }

    /// <summary>Carries out one fault, and asks whether everything still holds.</summary>
    /// <param name="number">It is told by.</param>
    /// <param name="wanted">The fault's name; null: any, mostly after a rest.</param>
    public void Step(int number, string? wanted = null)
    {
        var (name, fault) = wanted is null ? _faults[_random.Next(_faults.Length)] : _faults.Single(f => f.Name == wanted);
        var what = $"{number} {name}";
        var rested = wanted is null && _random.Next(4) != 0;
        if (rested && s_rest - Stopwatch.GetElapsedTime(_back) is { Ticks: > 0 } left) Thread.Sleep(left);
        fault();
        var since = Stopwatch.GetTimestamp();
        Back(what);
        _back = Stopwatch.GetTimestamp();
        var seconds = Stopwatch.GetElapsedTime(since, _back).TotalSeconds;
        (rested ? BackSeconds : BackInARowSeconds).Add(seconds);
        if (rested && seconds >= BackSeconds.Max()) Slowest = what;
        Settle(what);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sending.GetAwaiter().GetResult();
        _client.Dispose();
        _gateway.End(s_goodbye);
        _gateway.Dispose();
        _proxy.Dispose();
        _broker.Dispose();
        _stop.Dispose();
        _disk?.Dispose();
        _work.Dispose();
    }

    private (string Name, Action Do)[] Faults() =>
    [
        ("broker killed", KillBroker),
        ("broker stopped", () => { _broker.Process.End(s_goodbye); Wait(0, 3); _broker.StartAgain(); }),
        ("broker frozen", () => { _broker.Process.Signal(ChildProcess.Stop); Wait(1, 8); _broker.Process.Signal(ChildProcess.Continue); }),
        ("wire cut", () => _proxy.Cut()),
        ("wire is a hole", () => { _proxy.Wire = Wire.Hole; Wait(1, 12); _proxy.Wire = Wire.Well; }),
        ("wire slow", () => { _proxy.Wire = Wire.Slow; Wait(1, 6); _proxy.Wire = Wire.Well; }),
        ("client id taken", TakeClientId),
        ("gateway killed", () => { _gateway.Kill(); StartGateway(); }),
        ("gateway stopped", () => { _gateway.End(s_goodbye); StartGateway(); }),
        ("gateway over the other MQTT", ChangeProtocol),
        ("gateway suspended", () => { _gateway.Signal(ChildProcess.Stop); Wait(1, 5); _gateway.Signal(ChildProcess.Continue); }),
        ("database damaged", DamageDatabase),
        ("disk taken away", TakeDisk),
        ("hostile messages", () => SendHostile(60)),
        ("flood", Flood),
        .. _disk is null ? Array.Empty<(string, Action)>() : [("disk full", FillDisk)],
    ];

    private ChildProcess NewGateway() => new(Dotnet, Path.Combine(AppContext.BaseDirectory, "tutti-bench.dll"), SimulatedGateway.Name,
        _proxy.Port.ToString(CultureInfo.InvariantCulture), _broker.Port.ToString(CultureInfo.InvariantCulture), _data, _protocol.ToString());

    /// <summary>A test's process may be another program.</summary>
    private static string Dotnet => Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    private void StartGateway()
    {
        _gateway.Dispose();
        Book.ForgetWhatIsUnderWay();
        Book.ForgetLinks();
        _gateway = NewGateway();
    }

    private void Wait(double least, double most) => Thread.Sleep(TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble())));

    /// <summary>Until a command is answered.</summary>
    private void Back(string what)
    {
        var left = s_backLimit;
        while (left > TimeSpan.Zero)
        {
            if (_gateway.HasExited)
            {
                Broken.Add($"{what}: the gateway ended: {_gateway.Said}");
                StartGateway();
            }

            var probe = Book.Open("speaker/emberton/keep_awake", "OFF");
            var patience = Send(probe) ? s_probe : 5 * s_pause;
            if (Until(() => probe.Result is not null, patience)) return;
            left -= patience;
        }

        Broken.Add($"{what}: nothing is answered after {s_backLimit.TotalSeconds:0} s: {_gateway.Said}");
        StartGateway();
    }

    /// <summary>What was taken is shown, sooner or later; and what was accepted before now has its end.</summary>
    private void Settle(string what)
    {
        var before = Book.Commands;
        if (!Until(() => Book.WithoutEnd(before).Count == 0, s_endLimit))
        {
            var open = Book.WithoutEnd(before);
            WithoutEnd += open.Count;
            Broken.AddRange(open.Select(e => $"{what}: {e.Target} {e.Value} (command {e.Number}) was accepted and has no end"));
            Book.ForgetWhatIsUnderWay();
        }

        if (Until(() => Book.Lost().Count == 0, s_settleLimit)) return;
        var lost = Book.Lost();
        Lost += lost.Count;
        Broken.AddRange(lost.Select(l => $"{what}: {l}"));
        Book.ForgetWhatWasTaken();
    }

    /// <summary>Mosquitto acknowledges before it stores: the ends that it had just taken may be gone with it.</summary>
    private void KillBroker()
    {
        _broker.Process.Kill();
        Book.ForgetWhatIsUnderWay();
        Wait(0, 3);
        _broker.StartAgain();
    }

    /// <summary>Another client comes with the gateway's id, and takes the session or throws it away.</summary>
    private void TakeClientId()
    {
        using var other = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _broker.Port).WithClientId("tutti-demo").WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
            .WithCleanStart(_random.Next(2) == 0).WithTimeout(TimeSpan.FromSeconds(30)).Build();
        other.ConnectAsync(options).GetAwaiter().GetResult();
        Wait(0, 0.5);
    }

    private void ChangeProtocol()
    {
        _gateway.End(s_goodbye);
        _protocol = _protocol == MqttProtocol.V5 ? MqttProtocol.V311 : MqttProtocol.V5;
        StartGateway();
    }

    private void FillDisk()
    {
        _disk!.Fill();
        Wait(1, 5);
        _disk.Clear();
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
            if (noise.Length > 0) noise[0] = 0xFF; // never a value by chance
            var message = new MqttApplicationMessageBuilder().WithTopic(topics[_random.Next(topics.Length)]).WithPayload(_random.Next(2) == 0 ? noise : Encoding.UTF8.GetBytes("{\"value\":[[[1e999"));
            if (_random.Next(4) == 0) message.WithResponseTopic(string.Join('/', Enumerable.Repeat("a", _random.Next(1, 250))));
            TryPublish(message.Build());
        }
    }

    private void Flood()
    {
        for (var i = 0; i < FloodSize; i++) Send(NewCommand());
    }

    private Entry NewCommand()
    {
        lock (_wishes)
        {
            var speaker = s_speakers[_wishes.Next(s_speakers.Length)];
            return _wishes.Next(14) switch
            {
                0 or 1 => Book.Open("group/party/active", _wishes.Next(2) == 0 ? "ON" : "OFF"),
                2 or 3 => Book.Open("group/party/mute", _wishes.Next(2) == 0 ? "ON" : "OFF"),
                4 => Book.Open("echo/kitchen/bluetooth", s_peers[_wishes.Next(s_peers.Length)]),
                _ => Book.Open($"speaker/{speaker}/trim_ms", _wishes.Next(-500, 2000).ToString(CultureInfo.InvariantCulture)),
            };
        }
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

    /// <summary>Counts its looks and not the clock: on a busy machine there is as much done between two looks, only later.</summary>
    private static bool Until(Func<bool> condition, TimeSpan limit)
    {
        for (var left = limit; !condition(); left -= s_pause)
        {
            if (left <= TimeSpan.Zero) return false;
            Thread.Sleep(s_pause);
        }

        return true;
    }
}
