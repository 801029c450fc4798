using Gateway.Engine.Ports;
using Gateway.Native.Pulse;
using Gateway.Timing;

namespace Gateway.PulseAudio;

/// <summary>
/// The sound server's sinks as outputs: of the Bluetooth speakers where the server has Bluetooth's sound, and of the speakers that are named by their sink, whoever
/// has that. Sinks are taken by name, and never another one instead; nobody's default and no sink's volume is touched.
/// </summary>
internal sealed class PulseOutputs : IOutputProvider
{
    /// <summary>A server that lets idle sinks sleep does not tell that nobody else wants this one asleep any more: it is tried now and then.</summary>
    private static readonly TimeSpan s_asleepFor = TimeSpan.FromSeconds(30);

    private readonly PulseLink _link;
    private readonly IBluetooth _bluetooth;
    private readonly IReadOnlyDictionary<string, string> _named;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<PulseOutput> _open = []; // by the gate
    private readonly Dictionary<string, TimeSpan> _linkedAt = new(StringComparer.Ordinal); // by the gate: links without a sink, and when they were first seen so
    private readonly Dictionary<string, TimeSpan> _asleep = new(StringComparer.Ordinal); // by the gate: sinks whose output ended because they were suspended, and when that was noted
    private View _view = new(PulseView.Nothing);
    private HashSet<string> _missingTold = [];

    public PulseOutputs(PulseLink link, IBluetooth bluetooth, PulseOptions options, TimeProvider time)
    {
        (_link, _bluetooth, _named, _time) = (link, bluetooth, options.Sinks, time);
        link.Looked += Look;
    }

    public string Scheme => "pulse";

    public event Action? Changed;

    public OutputsSnapshot Current => Show(Volatile.Read(ref _view), _bluetooth.Current);

    public IAudioOutput Open(OutputRef output)
    {
        var opened = _link.Open((session, view) =>
        {
            var sink = view.Sinks.FirstOrDefault(s => s.Name == output.Key)
                ?? throw new PortException(PortError.NotReachable, $"The sound server has no output {output.Key} now.", "It is taken as soon as it is there.");
            return new PulseOutput(session.Play(sink.Name, $"Music for {sink.Description}", PulseOutput.RateOf(sink)), sink);
        });
        lock (_gate)
        {
            TakeEnded();
            _open.Add(opened);
        }

        return opened;
    }

    private void Look()
    {
        var seen = _link.Current;
        NoteSleepers(seen);
        Replace(new View(seen));
        TellOverdue();
    }

    /// <summary>A sink that somebody has put to sleep is none until it is awake.</summary>
    private void NoteSleepers(PulseView seen)
    {
        lock (_gate)
        {
            TakeEnded();
            if (!seen.IsKnown) _linkedAt.Clear(); // a server that comes back makes its sinks anew
            foreach (var (name, since) in _asleep.ToList())
            {
                if (_time.Now() - since > s_asleepFor || !seen.Sinks.Any(s => s.Name == name && s.IsSuspended)) _asleep.Remove(name);
            }
        }
    }

    /// <summary>By the gate.</summary>
    private void TakeEnded()
    {
        foreach (var output in _open.Where(o => o.End == PulseEnd.Suspended)) _asleep.TryAdd(output.Sink, _time.Now());
        _open.RemoveAll(o => o.IsReleased);
    }

    private void Replace(View view)
    {
        lock (_gate) view = view with { Asleep = [.. _asleep.Keys.Order(StringComparer.Ordinal)] };
        var before = Interlocked.Exchange(ref _view, view);
        if (!before.IsSame(view)) Changed?.Invoke();
    }

    private OutputsSnapshot Show(View view, BluetoothSnapshot radio)
    {
        var bluetooth = ShowBluetooth(view, radio);
        if (_named.Count == 0) return bluetooth;
        var outputs = new Dictionary<string, OutputRef>(bluetooth.ByDevice, StringComparer.Ordinal);
        var missing = new Dictionary<string, string>(bluetooth.Missing, StringComparer.Ordinal);
        var coming = new HashSet<string>(bluetooth.Coming, StringComparer.Ordinal);
        foreach (var (id, name) in _named)
        {
            if (view.Seen.Failure is { } no) missing[id] = PulseTexts.NoServer(no);
            else if (!view.Seen.IsKnown) coming.Add(id);
            else if (view.Seen.Sinks.FirstOrDefault(s => s.Name == name) is not { } sink) missing[id] = PulseTexts.NoSink(name, view.Seen.Sinks);
            else if (view.Asleep.Contains(name)) missing[id] = PulseTexts.Of(PulseEnd.Suspended, PulseClockFault.None, sink, null)!;
            else outputs[id] = ReferenceTo(sink);
        }

        return bluetooth with { ByDevice = outputs, Missing = missing, Coming = coming };
    }

    private OutputsSnapshot ShowBluetooth(View view, BluetoothSnapshot radio)
    {
        if (radio.OwnsAudio != false) return OutputsSnapshot.None;
        if (view.Seen.Failure is { } no)
        {
            return OutputsSnapshot.None with
            {
                Refusal = $"Bluetooth sound is left to a sound server here, because {radio.AudioReason ?? "bluetooth.audio says so"}, and {PulseTexts.Clause(no)}", Remedy = PulseTexts.Remedy(no),
            };
        }

        var outputs = new Dictionary<string, OutputRef>(StringComparer.Ordinal);
        foreach (var sink in view.Seen.Sinks.Where(s => s.Address is not null && !s.IsTelephony && !view.Asleep.Contains(s.Name))) outputs.TryAdd(sink.Address!, ReferenceTo(sink));
        var linked = radio.Devices.Where(d => d.Link == RadioLink.Connected && d.LinkedAs != RadioRole.Source && !outputs.ContainsKey(d.Address)).ToList();
        var coming = ComingOf(view, linked);
        var missing = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var device in linked.Where(d => !coming.Contains(d.Address))) missing[device.Address] = WhyMissing(view, device);
        return new OutputsSnapshot(outputs) { Coming = coming, Missing = missing };
    }

    /// <summary>Of the links without an output, those that are young, and whose sink is not there in a form that is of no use.</summary>
    private HashSet<string> ComingOf(View view, List<RadioDevice> linked)
    {
        if (!view.Seen.IsKnown) return [.. linked.Select(d => d.Address.Text)];
        lock (_gate)
        {
            foreach (var gone in _linkedAt.Keys.Where(a => !linked.Any(d => d.Address.Text == a)).ToList()) _linkedAt.Remove(gone);
            foreach (var device in linked) _linkedAt.TryAdd(device.Address, _time.Now());
            return [.. linked.Select(d => d.Address.Text).Where(a => _time.Now() - _linkedAt[a] < PulseLink.Coming && !view.Seen.Sinks.Any(s => a == s.Address))];
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

    private static string WhyMissing(View view, RadioDevice device) => view.Seen.Sinks.FirstOrDefault(s => s.Address == device.Address.Text) switch
    {
        { IsTelephony: true } => $"{device.Name} is used as a telephone headset by the sound server: choose its profile for music there (A2DP, High Fidelity Playback).",
        { } asleep => PulseTexts.Of(PulseEnd.Suspended, PulseClockFault.None, asleep, null)!,
        null => $"{device.Name} is connected, and the sound server shows no output for it: choose its profile for music there (A2DP, High Fidelity Playback), or connect it anew.",
    };

    /// <summary>What is known of the server, and which sinks are not taken now.</summary>
    private sealed record View(PulseView Seen)
    {
        public IReadOnlyList<string> Asleep { get; init; } = [];

        public bool IsSame(View other) => Seen.IsKnown == other.Seen.IsKnown && Seen.Failure?.Message == other.Seen.Failure?.Message && Asleep.SequenceEqual(other.Asleep)
            && Shown(Seen.Sinks).SequenceEqual(Shown(other.Seen.Sinks));

        // That a sink falls asleep when nobody plays is no news.
        private static IEnumerable<PulseSink> Shown(IReadOnlyList<PulseSink> sinks) => sinks.Select(s => s with { IsSuspended = false });
    }
}
