using System.Threading.Channels;
using Gateway.Engine.Ports;
using Gateway.Native.Pulse;
using Gateway.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.PulseAudio;

/// <summary>
/// The sound server's sinks as outputs: of the Bluetooth speakers where the server has Bluetooth's sound. One connection for all, opened when it is needed, and opened
/// anew when the server comes back. Sinks are taken by name, and never another one instead; nobody's default and no sink's volume is touched.
/// </summary>
internal sealed class PulseOutputs(IBluetooth bluetooth, PulseOptions options, TimeProvider time, ILogger<PulseOutputs> logger) : BackgroundService, IOutputProvider
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(10);

    /// <summary>Notices come in bursts.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(30);

    /// <summary>What nobody tells of is looked at so often.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>From a link to its sink a server takes some hundred ms; with a busy machine, seconds.</summary>
    private static readonly TimeSpan s_coming = TimeSpan.FromSeconds(5);

    /// <summary>A server that lets idle sinks sleep does not tell that nobody else wants this one asleep any more: it is tried now and then.</summary>
    private static readonly TimeSpan s_asleepFor = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly List<PulseOutput> _open = []; // by the gate
    private readonly Dictionary<string, TimeSpan> _linkedAt = new(StringComparer.Ordinal); // by the gate: links without a sink, and when they were first seen so
    private readonly Dictionary<string, TimeSpan> _asleep = new(StringComparer.Ordinal); // by the gate: sinks whose output ended because they were suspended, and when that was noted
    private PulseSession? _session; // by the gate
    private View _view = View.Nothing;
    private HashSet<string> _missingTold = [];

    public string Scheme => "pulse";

    public event Action? Changed;

    public OutputsSnapshot Current => Show(Volatile.Read(ref _view), bluetooth.Current);

    private bool IsNeeded => bluetooth.Current.OwnsAudio == false;

    public IAudioOutput Open(OutputRef output)
    {
        var view = Volatile.Read(ref _view);
        lock (_gate)
        {
            if (_session is not { IsAlive: true } session) throw PulseTexts.NotThere(view.Failure);
            var sink = view.Sinks.FirstOrDefault(s => s.Name == output.Key)
                ?? throw new PortException(PortError.NotReachable, $"The sound server has no output {output.Key} now.", "It is taken as soon as it is there.");
            try
            {
                TakeEnded();
                var opened = new PulseOutput(session.Play(sink.Name, $"Music for {sink.Description}", PulseOutput.RateOf(sink)), sink);
                _open.Add(opened);
                return opened;
            }
            catch (PulseException no)
            {
                throw PulseTexts.NotThere(no);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(s_firstRetry, s_longestRetry, s_stable, time);
        bluetooth.Changed += OnBluetooth;
        try
        {
            while (true)
            {
                if (!IsNeeded)
                {
                    await _wake.Reader.ReadAsync(stoppingToken);
                }
                else if (await TryConnectAsync(stoppingToken) is { } session)
                {
                    backoff.Succeeded();
                    await FollowAsync(session, stoppingToken);
                    if (IsNeeded) await Task.Delay(backoff.Failed(), time, stoppingToken);
                }
                else
                {
                    await Task.Delay(backoff.Failed(), time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            bluetooth.Changed -= OnBluetooth;
        }
    }

    private async Task<PulseSession?> TryConnectAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await Task.Run(() => PulseSession.Open(options.Server, s_patience, Wake), stoppingToken);
        }
        catch (PulseException no)
        {
            if (Volatile.Read(ref _view).Failure?.Message != no.Message) PulseLog.NoServer(logger, PulseTexts.Clause(no), PulseTexts.Remedy(no));
            Replace(new View([], no));
            return null;
        }
    }

    private async Task FollowAsync(PulseSession session, CancellationToken stoppingToken)
    {
        PulseLog.Connected(logger);
        lock (_gate) _session = session;
        try
        {
            while (session.IsAlive && IsNeeded)
            {
                var sinks = await Task.Run(session.ReadSinks, stoppingToken);
                NoteSleepers(sinks);
                Replace(new View(sinks, null));
                TellOverdue();
                await WaitAsync(stoppingToken);
            }

            if (!session.IsAlive) PulseLog.Gone(logger);
        }
        catch (PulseException no)
        {
            PulseLog.NoServer(logger, PulseTexts.Clause(no), PulseTexts.Remedy(no));
        }
        finally
        {
            await EndAsync(session);
        }
    }

    private async Task EndAsync(PulseSession session)
    {
        List<PulseOutput> orphans;
        lock (_gate)
        {
            (_session, orphans) = (null, [.. _open]);
            _open.Clear();
            _asleep.Clear();
            _linkedAt.Clear(); // a server that comes back makes its sinks anew
        }

        // Their streams before the connection; the audio threads find them closed.
        orphans.ForEach(o => o.Dispose());
        await Task.Run(session.Dispose);
        Replace(View.Nothing);
    }

    /// <summary>A sink that somebody has put to sleep is none until it is awake.</summary>
    private void NoteSleepers(IReadOnlyList<PulseSink> sinks)
    {
        lock (_gate)
        {
            TakeEnded();
            foreach (var (name, since) in _asleep.ToList())
            {
                if (time.Now() - since > s_asleepFor || !sinks.Any(s => s.Name == name && s.IsSuspended)) _asleep.Remove(name);
            }
        }
    }

    /// <summary>By the gate.</summary>
    private void TakeEnded()
    {
        foreach (var output in _open.Where(o => o.End == PulseEnd.Suspended)) _asleep.TryAdd(output.Sink, time.Now());
        _open.RemoveAll(o => o.IsReleased);
    }

    private void Replace(View view)
    {
        lock (_gate) view = view with { Asleep = [.. _asleep.Keys.Order(StringComparer.Ordinal)] };
        var before = Interlocked.Exchange(ref _view, view);
        if (!before.IsSame(view)) Changed?.Invoke();
    }

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var told = _wake.Reader.ReadAsync(limit.Token).AsTask();
        await Task.WhenAny(told, Task.Delay(s_look, time, limit.Token));
        var wasTold = told.IsCompletedSuccessfully;
        await limit.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
        if (wasTold) await Task.Delay(s_gather, time, stoppingToken);
    }

    private void OnBluetooth(BluetoothSnapshot seen) => Wake();

    private void Wake() => _wake.Writer.TryWrite(true);

    private OutputsSnapshot Show(View view, BluetoothSnapshot radio)
    {
        if (radio.OwnsAudio != false) return OutputsSnapshot.None;
        if (view.Failure is { } no)
        {
            return OutputsSnapshot.None with
            {
                Refusal = $"Bluetooth sound is left to a sound server here, because {radio.AudioReason ?? "bluetooth.audio says so"}, and {PulseTexts.Clause(no)}", Remedy = PulseTexts.Remedy(no),
            };
        }

        var outputs = new Dictionary<string, OutputRef>(StringComparer.Ordinal);
        foreach (var sink in view.Sinks.Where(s => s.Address is not null && !s.IsTelephony && !view.Asleep.Contains(s.Name))) outputs.TryAdd(sink.Address!, ReferenceTo(sink));
        var linked = radio.Devices.Where(d => d.Link == RadioLink.Connected && d.LinkedAs != RadioRole.Source && !outputs.ContainsKey(d.Address)).ToList();
        var coming = ComingOf(view, linked);
        var missing = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var device in linked.Where(d => !coming.Contains(d.Address))) missing[device.Address] = WhyMissing(view, device);
        return new OutputsSnapshot(outputs) { Coming = coming, Missing = missing };
    }

    /// <summary>Of the links without an output, those that are young, and whose sink is not there in a form that is of no use.</summary>
    private HashSet<string> ComingOf(View view, List<RadioDevice> linked)
    {
        if (!view.IsKnown) return [.. linked.Select(d => d.Address.Text)];
        lock (_gate)
        {
            foreach (var gone in _linkedAt.Keys.Where(a => !linked.Any(d => d.Address.Text == a)).ToList()) _linkedAt.Remove(gone);
            foreach (var device in linked) _linkedAt.TryAdd(device.Address, time.Now());
            return [.. linked.Select(d => d.Address.Text).Where(a => time.Now() - _linkedAt[a] < s_coming && !view.Sinks.Any(s => a == s.Address))];
        }
    }

    /// <summary>What was about to come and has not is missing from now on.</summary>
    private void TellOverdue()
    {
        var missing = Current.Missing.Keys.ToHashSet(StringComparer.Ordinal);
        var isNew = !missing.IsSubsetOf(_missingTold);
        _missingTold = missing;
        if (isNew) Changed?.Invoke();
    }

    /// <summary>What is learned under it outlives restarts: the server's names do not change, what follows them is what changes a latency.</summary>
    private static OutputRef ReferenceTo(PulseSink sink) => new("pulse", sink.Name, $"{sink.Name}|{sink.Profile ?? sink.Port ?? "none"}|{sink.Codec ?? "none"}|pulse");

    private static string WhyMissing(View view, RadioDevice device) => view.Sinks.FirstOrDefault(s => s.Address == device.Address.Text) switch
    {
        { IsTelephony: true } => $"{device.Name} is used as a telephone headset by the sound server: choose its profile for music there (A2DP, High Fidelity Playback).",
        { } asleep => PulseTexts.Of(PulseEnd.Suspended, PulseClockFault.None, asleep, null)!,
        null => $"{device.Name} is connected, and the sound server shows no output for it: choose its profile for music there (A2DP, High Fidelity Playback), or connect it anew.",
    };

    /// <summary>What is known of the server.</summary>
    private sealed record View(IReadOnlyList<PulseSink> Sinks, PulseException? Failure)
    {
        public static View Nothing { get; } = new([], null) { IsKnown = false };

        /// <summary>The server has been asked.</summary>
        public bool IsKnown { get; init; } = true;

        public IReadOnlyList<string> Asleep { get; init; } = [];

        public bool IsSame(View other) => IsKnown == other.IsKnown && Failure?.Message == other.Failure?.Message && Asleep.SequenceEqual(other.Asleep) && Shown(Sinks).SequenceEqual(Shown(other.Sinks));

        // That a sink falls asleep when nobody plays is no news.
        private static IEnumerable<PulseSink> Shown(IReadOnlyList<PulseSink> sinks) => sinks.Select(s => s with { IsSuspended = false });
    }
}
