using System.Threading.Channels;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Simulation;

/// <summary>
/// The state of the house and its laws. Everything happens under <see cref="Gate"/>: commands, people's doings and
/// timers, each followed by new snapshots. Snapshots are raised in order by one loop, outside the gate.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly Channel<Action> _raise = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly long _startTimestamp;
    private readonly HashSet<ITimer> _timers = [];
    private readonly List<Action> _answers = [];
    private readonly Task _raising;
    private BluetoothSnapshot _bluetooth = BluetoothSnapshot.Empty;
    private EchoSnapshot _echo = EchoSnapshot.Empty;
    private volatile SimulatedOutput[] _playing = [];
    private int _depth;
    private volatile bool _disposed;

    public World(int seed, Limits limits, TimeProvider time, ILogger logger)
    {
        Seed = seed;
        Limits = limits;
        Time = time;
#pragma warning disable RS0030 // shown; only the start is read
        Since = time.GetUtcNow();
#pragma warning restore RS0030
        _startTimestamp = time.GetTimestamp();
        _logger = logger;
        _raising = RaiseAsync();
    }

    public Lock Gate { get; } = new();
    public int Seed { get; }
    public Limits Limits { get; }
    public TimeProvider Time { get; }

    /// <summary>Time goes on steadily here, whatever becomes of the wall's clock.</summary>
    public DateTimeOffset Now => Since + Time.GetElapsedTime(_startTimestamp);

    /// <summary>When the house was furnished.</summary>
    public DateTimeOffset Since { get; }

    public List<Adapter> Adapters { get; } = [];
    public List<Speaker> Speakers { get; } = [];
    public List<Echo> Echoes { get; } = [];

    /// <summary>Those that are open.</summary>
    public List<SimulatedMicrophone> Microphones { get; } = [];

    /// <summary>Phones that the configuration names as sources.</summary>
    public List<OtherHost> Phones { get; } = [];
    public List<EchoWifiGroup> WifiGroups { get; } = [];
    public List<EchoStereoPair> StereoPairs { get; } = [];
    public List<Link> Links { get; } = [];

    /// <summary>Who knows whom; pairing keys belong to one adapter (T4).</summary>
    public HashSet<(Node One, Node Other)> Pairings { get; } = [];

    /// <summary>The role in which the gateway lets a device in, by address; an Echo that is not in it plays to the gateway.</summary>
    public IReadOnlyDictionary<BluetoothAddress, RadioRole> Roles { get; set; } = new Dictionary<BluetoothAddress, RadioRole>();

    /// <summary>Commands on their way.</summary>
    public HashSet<Operation> Operations { get; } = [];

    public IEnumerable<Node> Devices => [.. Speakers, .. Echoes, .. Phones];
    public IEnumerable<Sink> Sinks => [.. Speakers, .. Echoes];

    /// <summary>Since the house was furnished; every sound clock is told in it. Small, so that doubles hold parts of a nanosecond.</summary>
    public long Nanoseconds => ToNanoseconds(Time.GetTimestamp() - _startTimestamp);

    /// <summary>CLOCK_MONOTONIC at <see cref="Nanoseconds"/> zero.</summary>
    public long StartNanoseconds => ToNanoseconds(_startTimestamp);

    /// <summary>The open sound ways out; may be read by anyone.</summary>
    public IReadOnlyList<SimulatedOutput> Playing => _playing;

    public bool IsClosed => _disposed;

    public BluetoothSnapshot Bluetooth => Volatile.Read(ref _bluetooth);
    public EchoSnapshot Echo => Volatile.Read(ref _echo);

    public event Action<BluetoothSnapshot>? BluetoothChanged;

    public event Action<EchoSnapshot>? EchoChanged;

    /// <summary>Does something to the house in one piece, and shows what came of it.</summary>
    public T Do<T>(Func<T> act)
    {
        lock (Gate)
        {
            _depth++;
            try
            {
                return act();
            }
            finally
            {
                if (_depth == 1)
                {
                    _playing = [.. Links.Select(l => l.Output).OfType<SimulatedOutput>()];
                    Show();
                    foreach (var answer in _answers) answer();
                    _answers.Clear();
                }

                _depth--;
            }
        }
    }

    public void Do(Action act) => Do(() =>
    {
        act();
        return true;
    });

    /// <summary>A command of a port: a refusal at once is a failed task too, never a throw.</summary>
    public Task Command(Func<Task> act) => Command(act, Task.FromException);

    public Task<T> Command<T>(Func<Task<T>> act) => Command(act, Task.FromException<T>);

    private TTask Command<TTask>(Func<TTask> act, Func<PortException, TTask> refused) => Do(() =>
    {
        try
        {
            return _disposed ? throw Closed() : act();
        }
        catch (PortException refusal)
        {
            return refused(refusal);
        }
    });

    /// <summary>Answers a command once the snapshots show what it did; used under the gate.</summary>
    public void Answer(Action answer) => _answers.Add(answer);

    /// <summary>Does it once after a time; disposing the result prevents it.</summary>
    public IDisposable After(TimeSpan due, Action act)
    {
        var later = new Later(this, act);
        later.Start(due, Timeout.InfiniteTimeSpan);
        return later;
    }

    /// <summary>Does it again and again.</summary>
    public IDisposable Every(TimeSpan period, Action act)
    {
        var later = new Later(this, act);
        later.Start(period, period);
        return later;
    }

    /// <summary>The stream for the next occasion of this purpose of this node.</summary>
    public SplitMix64 Draw(Node node, string purpose)
    {
        var count = node.Counts.GetValueOrDefault(purpose);
        node.Counts[purpose] = count + 1;
        return SplitMix64.Of(Seed, node.Id, purpose, count);
    }

    public bool ArePaired(Node a, Node b) => Pairings.Contains((a, b)) || Pairings.Contains((b, a));

    /// <summary>An Echo calls the gateway: the link that the gateway lets stand.</summary>
    public Link Call(Echo echo, Adapter adapter) =>
        Roles.GetValueOrDefault(echo.Address, RadioRole.Source) == RadioRole.Source ? new Link(echo, adapter) : new Link(adapter, echo);

    public Link? LinkBetween(Node a, Node b) => Links.Find(l => l.Joins(a, b));

    /// <summary>The live link of a node that has at most one (speaker, Echo), whichever direction.</summary>
    public Link? LinkOf(Node node) => Links.Find(l => l.Connected && l.Touches(node));

    /// <summary>Makes a link live; a sink starts anew: other latency, new sound way.</summary>
    public void Establish(Link link)
    {
        if (!Links.Contains(link)) Links.Add(link);
        link.Connected = true;
        if (link.From is Echo { PlaysInGroup: not null } player) player.PlaysInGroup = null; // L5
        if (link.To is not Sink sink) return;
        if (sink is Echo { PlaysInGroup: not null } receiver) receiver.PlaysInGroup = null;
        sink.LatencyMs = Draw(sink, "latency").NextBetween(120, 280);
        sink.LastSoundAt = Now;
        if (link.From is Adapter adapter) adapter.Held.Remove(sink);
    }

    /// <summary>Ends a link, or a try at one, without a word to either side (L2); a waiting command gets <paramref name="why"/>.</summary>
    public void Cut(Link link, PortException? why = null)
    {
        if (!Links.Remove(link)) return;
        link.Output?.Close();
        link.Receiver?.Close();
        link.Operation?.Fail(why ?? new PortException(PortError.Other, $"The connection between {link.From} and {link.To} was ended before it stood."));
    }

    public void CutAll(Node node, PortException? why = null)
    {
        foreach (var link in Links.Where(l => l.Touches(node)).ToList()) Cut(link, why);
    }

    public async ValueTask DisposeAsync()
    {
        Do(() =>
        {
            _disposed = true;
            foreach (var timer in _timers) timer.Dispose();
            _timers.Clear();
            foreach (var operation in Operations.ToList()) operation.Fail(Closed());
            foreach (var link in Links.ToList()) Cut(link);
        });

        _raise.Writer.TryComplete();
        await _raising;
    }

    private void Show()
    {
        var bluetooth = RadioView.Of(this);
        if (!RadioView.Same(bluetooth, _bluetooth))
        {
            Volatile.Write(ref _bluetooth, bluetooth);
            // Who listens now hears it; who comes later finds it in Current, and is not told old news.
            if (BluetoothChanged is { } radio) _raise.Writer.TryWrite(() => radio(bluetooth));
        }

        var echo = CloudView.Of(this);
        if (CloudView.Same(echo, _echo)) return;
        Volatile.Write(ref _echo, echo);
        if (EchoChanged is { } cloud) _raise.Writer.TryWrite(() => cloud(echo));
    }

    private long ToNanoseconds(long timestamp) => (long)((Int128)timestamp * 1_000_000_000 / Time.TimestampFrequency);

    private static PortException Closed() => new(PortError.PartMissing, "The simulated house has been closed.");

    private async Task RaiseAsync()
    {
        while (await _raise.Reader.WaitToReadAsync())
        {
            while (_raise.Reader.TryRead(out var raise)) Raise(raise);
        }
    }

    private void Raise(Action raise)
    {
        try
        {
            raise();
        }
        catch (Exception e)
        {
            SimulationLog.HandlerFailed(_logger, e);
        }
    }

    /// <summary>A timer whose callback runs under the gate, on time with a fake clock too.</summary>
    private sealed class Later(World world, Action act) : IDisposable
    {
        private ITimer? _timer;
        private bool _once;
        private bool _over;

        public void Start(TimeSpan due, TimeSpan period)
        {
            lock (world.Gate)
            {
                if (world._disposed) return;
                _once = period == Timeout.InfiniteTimeSpan;
                _timer = world.Time.CreateTimer(_ => Ring(), null, due, period);
                world._timers.Add(_timer);
            }
        }

        public void Dispose()
        {
            lock (world.Gate)
            {
                _over = true;
                if (_timer is null) return;
                world._timers.Remove(_timer);
                _timer.Dispose();
            }
        }

        private void Ring() => world.Do(() =>
        {
            if (_over || world._disposed) return;
            if (_once) Dispose();
            act();
        });
    }
}
