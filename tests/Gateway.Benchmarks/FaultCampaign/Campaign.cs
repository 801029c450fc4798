using System.Diagnostics;
using System.Globalization;
using Gateway.Configuration;
using MQTTnet;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>
/// One gateway process, one Mosquitto, a client that sends commands all the time, and one fault after the other. After each fault the house has to come back,
/// and nothing that was answered may be lost: the campaign asks <see cref="Ledger"/>.
/// </summary>
internal sealed partial class Campaign : IDisposable
{
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
    private readonly Fault[] _faults;
    private readonly RadioHouse? _radio;
    private readonly StallWitness _machine = new();
    private long _connected = Stopwatch.GetTimestamp();
    private MqttProtocol _protocol = MqttProtocol.V5;
    private ChildProcess _gateway;

    /// <param name="seed">Of the faults and the commands.</param>
    /// <param name="ownDisk">The data lies on a small disk of its own, where this user may make one: only such a disk can be full or read-only.</param>
    /// <param name="radios">A gateway with BlueZ-shaped radios plays beside it, and has faults of its own.</param>
    public Campaign(int seed, bool ownDisk, bool radios)
    {
        _random = new Random(seed);
        _wishes = new Random(seed);
        Directory.CreateDirectory(Path.Combine(_work.Path, "broker"));
        _disk = ownDisk ? SmallDisk.TryMake(Path.Combine(_work.Path, "disk")) : null;
        _data = Path.Combine(_disk?.Path ?? _work.Path, "data");
        _broker = new FaultyBroker(Path.Combine(_work.Path, "broker"));
        _proxy = new CutProxy(_broker.Port);
        _radio = radios ? new RadioHouse(_proxy.Port, _work.Path, seed) : null;
        _faults = [.. Faults()];
        _gateway = NewGateway();
        _client.ApplicationMessageReceivedAsync += message =>
        {
            var heard = message.ApplicationMessage;
            var payload = System.Buffers.BuffersExtensions.ToArray(heard.Payload);
            Book.Hear(heard.Topic, payload);
            RadioBook.Hear(heard.Topic, payload);
            return Task.CompletedTask;
        };
        _sending = Task.Run(SendAsync);
        Back("start", null);
        if (_radio is null) return;
        foreach (var (target, value) in RadioHouse.Wishes) Ask(target, value);
        RadioBack("start");
    }

    public Ledger Book { get; } = new("tutti");

    /// <summary>Of the gateway with the radios.</summary>
    public Ledger RadioBook { get; } = new(RadioHouse.Base);

    /// <summary>For each fault, the longest time in which a speaker that it was not meant for heard nothing, milliseconds.</summary>
    public List<double> DisturbedMs { get; } = [];

    /// <summary>The same without what this machine stood still meanwhile.</summary>
    public List<double> DisturbedBeyondMachineMs { get; } = [];

    /// <summary>The fault by which others were disturbed most.</summary>
    public string MostDisturbing { get; private set; } = "";

    /// <summary>How often each fault happened, and how long it took to come back, seconds.</summary>
    public Dictionary<string, List<double>> ByKind { get; } = new(StringComparer.Ordinal);

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
        var fault = wanted is null ? _faults[_random.Next(_faults.Length)] : _faults.Single(f => f.Name == wanted);
        var what = $"{number} {fault.Name}";
        var rest = s_rest - Stopwatch.GetElapsedTime(_connected);
        var rested = !fault.Disconnects || rest <= TimeSpan.Zero;
        if (!rested && wanted is null && _random.Next(4) != 0)
        {
            Thread.Sleep(rest);
            rested = true;
        }

        foreach (var speaker in Speakers) speaker.Mark();
        _machine.Mark();
        var hit = fault.Do();
        var since = Stopwatch.GetTimestamp();
        Back(what, fault);
        if (fault.Disconnects) _connected = Stopwatch.GetTimestamp();
        Count(fault.Name, what, rested, Stopwatch.GetElapsedTime(since).TotalSeconds);
        Settle(what, Book);
        Settle(what, RadioBook);
        Disturbance(what, hit);
    }

    private IReadOnlyList<HeardSpeaker> Speakers => _radio?.Speakers ?? [];

    private void Count(string name, string what, bool rested, double seconds)
    {
        (rested ? BackSeconds : BackInARowSeconds).Add(seconds);
        if (rested && seconds >= BackSeconds.Max()) Slowest = $"{what}, {seconds:F1} s";
        if (!ByKind.TryGetValue(name, out var list)) ByKind[name] = list = [];
        list.Add(seconds);
    }

    private void Disturbance(string what, IReadOnlyList<HeardSpeaker> hit)
    {
        if (Speakers.Except(hit).ToList() is not { Count: > 0 } others) return;
        var longest = others.Max(s => s.LongestSilence).TotalMilliseconds;
        DisturbedMs.Add(longest);
        var beyond = Math.Max(0, longest - _machine.LongestStall.TotalMilliseconds);
        if (DisturbedBeyondMachineMs.Count == 0 || beyond > DisturbedBeyondMachineMs.Max()) MostDisturbing = $"{what}, {longest:F0} ms";
        DisturbedBeyondMachineMs.Add(beyond);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sending.GetAwaiter().GetResult();
        _client.Dispose();
        _machine.Dispose();
        _radio?.Dispose();
        _gateway.End(s_goodbye);
        _gateway.Dispose();
        _proxy.Dispose();
        _broker.Dispose();
        _stop.Dispose();
        _disk?.Dispose();
        _work.Dispose();
    }

    private ChildProcess NewGateway() => new(new ProcessStartInfo(Dotnet,
        [
            Path.Combine(AppContext.BaseDirectory, "tutti-bench.dll"), SimulatedGateway.Name,
            _proxy.Port.ToString(CultureInfo.InvariantCulture), _broker.Port.ToString(CultureInfo.InvariantCulture), _data, _protocol.ToString(),
        ]) { RedirectStandardInput = true });

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

    /// <summary>Until a command is answered; of the radios, until every speaker hears its group.</summary>
    private void Back(string what, Fault? fault)
    {
        if (fault is { OfRadios: true })
        {
            RadioBack(what);
            return;
        }

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

    /// <summary>Until every speaker has heard its group since now.</summary>
    private void RadioBack(string what)
    {
        if (AllHear() && _radio!.Ended is null) return;
        Broken.Add($"{what}: {(_radio!.Ended is null ? $"no sound after {s_backLimit.TotalSeconds:0} s" : "the gateway of the radios ended")}: {_radio.Said}");
        RadioBook.ForgetWhatIsUnderWay();
        _radio.StartGateway();
        AllHear();
    }

    private bool AllHear()
    {
        var since = Stopwatch.GetTimestamp();
        return Until(() => Speakers.All(s => s.HasHeardSince(since)) || _radio!.Ended is not null, s_backLimit);
    }

    /// <summary>Asks the gateway of the radios until it answers.</summary>
    private void Ask(string target, string value)
    {
        Entry? entry = null;
        Until(() =>
        {
            if (entry is null && RadioBook.IsOnline) Send(entry = RadioBook.Open(target, value), RadioHouse.Base);
            return entry?.Accepted == true || entry?.Result is not null;
        }, s_backLimit);
    }

    /// <summary>What was taken is shown, sooner or later; and what was accepted before now has its end.</summary>
    private void Settle(string what, Ledger book)
    {
        var before = book.Commands;
        if (!Until(() => book.WithoutEnd(before).Count == 0, s_endLimit))
        {
            var open = book.WithoutEnd(before);
            WithoutEnd += open.Count;
            Broken.AddRange(open.Select(e => $"{what}: {e.Target} {e.Value} (command {e.Number}) was accepted and has no end"));
            book.ForgetWhatIsUnderWay();
        }

        if (Until(() => book.Lost().Count == 0, s_settleLimit)) return;
        var lost = book.Lost();
        Lost += lost.Count;
        Broken.AddRange(lost.Select(l => $"{what}: {l}"));
        book.ForgetWhatWasTaken();
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
