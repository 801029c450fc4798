using System.Globalization;
using System.Runtime;
using System.Threading.Channels;
using Gateway.Alignment.Calibration;
using Gateway.Engine.Ports;
using Gateway.Playback.Calibration;
using Gateway.Playback.KeepAwake;
using Gateway.Playback.Telemetry;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback;

/// <summary>
/// Plays groups. Requests may come from any thread and are worked off by one loop, the latest for a group wins; each group has an
/// audio thread of its own. The events are raised by the loop only.
/// </summary>
internal sealed class PlaybackEngine : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_figureBefore = TimeSpan.FromMilliseconds(400);
    private const int TicksPerReport = 10;
    private const int ReportsPerPlot = 10;

    private readonly SoundProviders _sound;
    private readonly SpeakerOutputs _outputs;
    private readonly TimeProvider _time;
    private readonly ILogger<PlaybackEngine> _log;
    private readonly LatencyStore _learned;
    private readonly string? _microphone;
    private readonly bool _tracking;
    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });

    // Touched by the loop only.
    private readonly Dictionary<string, GroupSession> _sessions = new(StringComparer.Ordinal);
    private readonly SyncPlot _plot = new();
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private int _ticks;
    private int _series;
    private bool _changed;

    private PlaybackSnapshot _current = PlaybackSnapshot.Empty;

    public PlaybackEngine(PlaybackOptions options, SoundProviders sound, Store store, TimeProvider time, ILogger<PlaybackEngine> log)
    {
        (_sound, _time, _log) = (sound, time, log);
        _outputs = new SpeakerOutputs(sound, time, log);
        _learned = new LatencyStore(store, log);
        (_microphone, _tracking) = (options.Microphone, options.Tracking);
        // Calibrations of one installation do not share codes with the last ones: an echo of an old recording is never taken for a new run.
        _series = Random.Shared.Next(100_000);
    }

    public PlaybackSnapshot Current => Volatile.Read(ref _current);

    public event Action<PlaybackSnapshot>? Changed;

    public event Action<PlaybackEvent>? Happened;

    /// <summary>Once a second while something plays.</summary>
    public event Action<PlaybackReport>? Measured;

    /// <summary>A microphone is configured: somebody consented to its use.</summary>
    public bool HasMicrophone => _microphone is not null;

    /// <summary><see cref="Outputs"/> are others, by themselves. Any thread.</summary>
    public event Action? OutputsChanged
    {
        add => _sound.OutputsChanged += value;
        remove => _sound.OutputsChanged -= value;
    }

    /// <summary>Who can sound now.</summary>
    public OutputLook Outputs => _sound.Look();

    /// <summary>Starts a group, or changes what it plays and where.</summary>
    public void Play(PlaybackRequest request) => Post(() =>
    {
        if (!_sessions.TryGetValue(request.Group, out var session))
            _sessions[request.Group] = session = new GroupSession(request, new PlaybackParts(_sound, _outputs, _learned, _time, _log), _tracking ? _microphone : null, Tell, Post);
        foreach (var member in request.Members) _names[member.Speaker] = member.Name;
        session.Apply(request);
        _changed = true;
    });

    public void Stop(string group) => Post(() =>
    {
        if (_sessions.Remove(group, out var session)) session.Dispose();
        _changed = true;
    });

    /// <summary>S1: all speakers that are linked and shall stay awake, in whole; they are fed while no group plays on them.</summary>
    public void KeepAwake(IReadOnlyList<PlaybackMember> speakers) => Post(() => _outputs.KeepAwake(speakers));

    /// <summary>Listens to a source that no group plays from: its level in dBFS as soon as sound arrives; null: none came in time.</summary>
    /// <exception cref="PortException">It cannot be opened.</exception>
    public async Task<double?> ListenAsync(SourceOpening source, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var input = await _sound.OpenAsync(source, cancellationToken);
        return await SoundCheck.LevelAsync(input, patience, _time, cancellationToken);
    }

    /// <summary>Plays the test sound on one speaker that no group plays on, and returns when its device has taken all of it.</summary>
    /// <exception cref="PortException">It did not go out: why, and the remedy.</exception>
    public async Task TestAsync(PlaybackMember speaker, CancellationToken cancellationToken)
    {
        var test = await OnLoopAsync(() => _sessions.Values.Any(s => s.Calibrating is not null)
            ? throw new PortException(PortError.Other, "A calibration is running, and the microphone would hear the test sound.", "Wait half a minute.")
            : _outputs.Test(speaker));
        using var stop = cancellationToken.Register(() => Post(() => _outputs.End(test)));
        await test.Ended;
    }

    /// <summary>Measures a group and brings it into time; takes about 20 s. The result is the sentence for the answer.</summary>
    /// <exception cref="PortException">It could not be measured: why, and the remedy.</exception>
    public async Task<string> CalibrateAsync(string group, CancellationToken cancellationToken)
    {
        var session = await OnLoopAsync(() => BeginCalibration(group));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        try
        {
            var members = await OnSessionAsync(session, () => session.Members.ToList());
            var hearing = await HearAsync(session, members, ended.Token);
            var present = await OnSessionAsync(session, () => session.Members.ToList());
            if (present.Except(members).Any() || hearing.Result.Speakers.Any(s => s.Rejection is CalibrationRejection.Disagreement or CalibrationRejection.Unstable or CalibrationRejection.LowQuality))
            {
                // Once more: who came meanwhile is to be measured with the others, and who wavered may have settled.
                members = present;
                hearing = await HearAsync(session, members, ended.Token);
            }

            return await FinishAsync(session, members, hearing, ended.Token);
        }
        catch (PortException failed)
        {
            Post(() => Tell(new PlaybackEvent(PlaybackEventKind.CalibrationFailed, null, group, $"{session.Request.Name} was not calibrated: {failed.Message} {failed.Remedy}".TrimEnd())));
            throw;
        }
        finally
        {
            Post(() =>
            {
                if (session.Ended.IsCancellationRequested) return;
                session.SetPhase(null);
                _changed = true;
            });
            _ = Task.Run(GiveMemoryBack, CancellationToken.None);
        }
    }

    /// <summary>A calibration's large arrays would stay with the process for as long as nothing needs the room. The group plays: no thread is stopped for it.</summary>
    private static void GiveMemoryBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);

    /// <summary>
    /// A packet has to leave when it is due, and a collection of the whole heap stops the threads that send them: for 100 to 200 ms in the lab (tests/btlab), which
    /// all speakers heard at once. While something plays such collections go on beside the threads.
    /// </summary>
    private static void SpareAudioThreads(bool playing)
    {
        var mode = playing ? GCLatencyMode.SustainedLowLatency : GCLatencyMode.Interactive;
        if (GCSettings.LatencyMode != mode) GCSettings.LatencyMode = mode;
    }

    /// <summary>Sets the delays again that the last calibration replaced.</summary>
    /// <exception cref="PortException">There are none.</exception>
    public Task<string> UndoCalibrationAsync(string group) => OnLoopAsync(() =>
    {
        var session = SessionOf(group);
        if (!session.UndoCalibration()) throw new PortException(PortError.Other, $"{session.Request.Name} has no calibration to undo since it was switched on.");
        _changed = true;
        return $"{session.Request.Name} has the delays again that it had before the last calibration.";
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_tick, _time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        try
        {
            while (true)
            {
                var work = _inbox.Reader.WaitToReadAsync(stoppingToken).Awaited();
                await Task.WhenAny(work, tick);
                stoppingToken.ThrowIfCancellationRequested();
                while (_inbox.Reader.TryRead(out var message)) Guard(message);
                if (tick.IsCompleted)
                {
                    Guard(Tick);
                    tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                }

                if (_changed) Guard(Show);
            }
        }
        finally
        {
            _outputs.EndTests();
            _outputs.KeepAwake([]);
            foreach (var session in _sessions.Values) session.Dispose();
            await _learned.Written;
        }
    }

    private GroupSession SessionOf(string group) =>
        _sessions.GetValueOrDefault(group) ?? throw new PortException(PortError.Other, "The group does not play.", "Switch it on first.");

    private GroupSession BeginCalibration(string group)
    {
        var session = SessionOf(group);
        if (session.Members.Count == 0) throw new PortException(PortError.Other, $"No speaker of {session.Request.Name} plays.", "Switch the speakers on.");
        if (session.Members.Count > ProbeSet.MaxSpeakers) throw new PortException(PortError.Other, $"{session.Request.Name} has more than {ProbeSet.MaxSpeakers} speakers.", "Calibrate it in two groups.");
        if (_sessions.Values.Any(s => s.Calibrating is not null)) throw new PortException(PortError.Other, "A calibration is running already.", "Wait half a minute.");
        session.SetPhase("preparing");
        _changed = true;
        return session;
    }

    private async Task<CalibrationHearing> HearAsync(GroupSession session, List<Member> members, CancellationToken cancellationToken)
    {
        var (run, longestDelayMs) = await OnSessionAsync(session, () =>
            (new CalibrationRun(session.Player, [.. members.Select(m => m.Lane)], _sound, _microphone!, ++_series, _time), members.Max(m => m.TotalDelayMs)));
        return await run.RunAsync(longestDelayMs, phase => Post(() =>
        {
            if (session.Ended.IsCancellationRequested) return;
            session.SetPhase(phase);
            PlaybackLog.Calibration(_log, session.Request.Name, phase);
            _changed = true;
        }), cancellationToken);
    }

    private async Task<string> FinishAsync(GroupSession session, List<Member> members, CalibrationHearing hearing, CancellationToken cancellationToken)
    {
        var accepted = hearing.Result.Speakers.Count(s => s.IsAccepted);
        if (accepted == 0 || (accepted == 1 && members.Count > 1)) throw new PortException(PortError.Other, FailureText(hearing.Result, members));
        var before = await OnSessionAsync(session, () =>
        {
            var reading = session.TakeHearing(members, hearing);
            _changed = true;
            return (reading?.SpreadMs, session.SpreadNowMs());
        });
        await Task.Delay(s_figureBefore, _time, cancellationToken);
        return await OnSessionAsync(session, () =>
        {
            session.ApplyCalibration(members);
            _changed = true;
            var text = Sentence(session, hearing.Result, members, before.SpreadMs ?? before.Item2);
            Tell(new PlaybackEvent(PlaybackEventKind.Calibrated, null, session.Request.Group, text));
            for (var i = 0; i < members.Count; i++)
            {
                if (!hearing.Result.Speakers[i].IsAccepted)
                    Tell(new PlaybackEvent(PlaybackEventKind.CalibrationFailed, members[i].Settings.Speaker, session.Request.Group, $"{members[i].Settings.Name} was not measured. {hearing.Result.Speakers[i].Explanation}"));
            }

            return text;
        });
    }

    private static string Sentence(GroupSession session, CalibrationResult result, List<Member> members, double? beforeMs)
    {
        var delays = string.Join(", ", members.Where((_, i) => result.Speakers[i].IsAccepted).Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Settings.Name} {m.DelayMs:0.00} ms")));
        var refused = members.Where((_, i) => !result.Speakers[i].IsAccepted).Select(m => m.Settings.Name).ToList();
        var before = beforeMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms:0.00} ms apart before") : "before: not known";
        var after = session.SpreadNowMs() is { } now ? string.Create(CultureInfo.InvariantCulture, $"{now:0.00} ms now") : "now: not known";
        return $"{session.Request.Name}: {before}, {after}. Delays: {delays}.{(refused.Count == 0 ? "" : $" Not measured: {string.Join(", ", refused)}.")}";
    }

    private static string FailureText(CalibrationResult result, List<Member> members) => result.Speakers.Select(s => s.Explanation).Distinct().Count() == 1
        ? result.Speakers[0].Explanation
        : string.Join(" ", members.Select((m, i) => $"{m.Settings.Name}: {result.Speakers[i].Explanation}"));

    private void Tick()
    {
        foreach (var session in _sessions.Values) Guard(() => _changed |= session.Tick()); // one group's fault is its own
        Guard(_outputs.Tick);
        if (++_ticks % TicksPerReport == 0) Report();
    }

    private void Report()
    {
#pragma warning disable RS0030 // shown
        var (at, now) = (_time.GetUtcNow(), _time.Now());
#pragma warning restore RS0030
        var speakers = new Dictionary<string, SpeakerReading>(StringComparer.Ordinal);
        foreach (var session in _sessions.Values)
        {
            foreach (var member in session.Members) speakers[member.Settings.Speaker] = member.Read(session.Request.Group, now);
        }

        _plot.Add(speakers.ToDictionary(s => s.Key, s => s.Value.Sync.OffsetMs, StringComparer.Ordinal));
        if (_sessions.Count == 0 && _plot.IsEmpty) return;
        var plot = _ticks / TicksPerReport % ReportsPerPlot == 0 ? _plot.Draw(id => _names.GetValueOrDefault(id, id)) : null;
        Measured?.Invoke(new PlaybackReport(at, _sessions.ToDictionary(s => s.Key, s => s.Value.Read(), StringComparer.Ordinal), speakers, plot));
    }

    private void Show()
    {
        _changed = false;
        SpareAudioThreads(_sessions.Count > 0);
        Volatile.Write(ref _current, new PlaybackSnapshot(_sessions.ToDictionary(s => s.Key, s => s.Value.Shown, StringComparer.Ordinal)));
        Changed?.Invoke(Current);
    }

    private void Tell(PlaybackEvent happened) => Happened?.Invoke(happened);

    private void Post(Action message) => _inbox.Writer.TryWrite(message);

    /// <summary>Cancelled where the session has ended: nobody works on one that is no more.</summary>
    private Task<T> OnSessionAsync<T>(GroupSession session, Func<T> work) => OnLoopAsync(() =>
    {
        session.Ended.ThrowIfCancellationRequested();
        return work();
    });

    private Task<T> OnLoopAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception no)
            {
                // Whoever asked gets whatever became of it; what is no refusal but a fault is in the log too.
                if (no is OperationCanceledException ended) done.SetCanceled(ended.CancellationToken);
                else done.SetException(no);
                if (no is not (PortException or OperationCanceledException)) throw;
            }
        });
        return done.Task;
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception fault)
        {
            PlaybackLog.Fault(_log, fault);
        }
    }
}
