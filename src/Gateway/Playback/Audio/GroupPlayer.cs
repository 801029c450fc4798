using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Playback.Tracking;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback.Audio;

/// <summary>
/// A group's audio thread: every few milliseconds it brings the source's sound onto the timeline, and the timeline's to each output.
/// It allocates nothing and shares no lock with control: changes come through a queue and are made between two blocks; figures go out
/// through sequence locks. A late wake-up costs nothing while the outputs hold 200 ms.
/// </summary>
internal sealed class GroupPlayer : IDisposable
{
    private const long WakePeriod = 5_000_000; // ns

    /// <summary>A stream that stops for so long is no burst's pause.</summary>
    private const int QuietSeconds = 3;

    /// <summary>Between two pieces of music it is silent for a few seconds.</summary>
    private const int InaudibleSeconds = 10;

    /// <summary>
    /// Each wake lies elsewhere in its 5 ms, by steps of the golden ratio, which fill an interval most evenly. Devices take whole periods: who
    /// looks at their clocks in step with these sees the same stale phase for seconds, up to a period late.
    /// </summary>
    private const double WakeStep = 0.6180339887;

    /// <summary>Below the threads that send (5): they are due to the millisecond, this one is 200 ms ahead.</summary>
    private const int RealTimePriority = 4;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _group;
    private readonly Thread _thread;
    private readonly ChangeQueue _changes = new();
    private readonly Timeline _timeline = new();
    private readonly List<OutputLane> _lanes = new(32);
    private SourceIntake? _intake;
    private ProgrammeTap? _tap;
    private long _written;
    private volatile bool _stopping;
    private volatile bool _failed;
    private volatile Exception? _sourceFault;
    private volatile SourceFlow _flow;

    public GroupPlayer(string group, TimeProvider time, ILogger log)
    {
        (_group, _time, _log) = (group, time, log);
        Line = new GroupLine(Nanoseconds);
        _thread = new Thread(Loop) { Name = $"audio {group}", IsBackground = true };
    }

    public GroupLine Line { get; }

    /// <summary>CLOCK_MONOTONIC now.</summary>
    public long Nanoseconds => _time.Nanoseconds();

    /// <summary>The first position not written yet; may be read by anyone.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>What comes from the source; may be read by anyone.</summary>
    public SourceFlow Flow => _flow;

    /// <summary>A fault of ours ended the taking of the source, and nothing else; null: none since <see cref="SetSource"/>. May be read by anyone.</summary>
    public Exception? SourceFault => _sourceFault;

    /// <summary>The audio thread ended by a fault of ours; it is in the log.</summary>
    public bool HasFailed => _failed;

    public void Start() => _time.Start(_thread);

    public OutputLane AddLane(SpeakerOutput output, double delayMs, bool muted)
    {
        var lane = new OutputLane(output, _timeline, Line, delayMs, muted);
        Change(() => _lanes.Add(lane));
        return lane;
    }

    /// <summary>Returns when the audio thread uses it no more, so that its output can be closed.</summary>
    public void RemoveLane(OutputLane lane) => ChangeAndWait(() => _lanes.Remove(lane));

    /// <summary>Takes the group's sound from here on; null: silence. Returns when the audio thread uses the former one no more.</summary>
    public void SetSource(IAudioInput? input)
    {
        var intake = input is null ? null : new SourceIntake(input, _timeline);
        ChangeAndWait(() => (_intake, _flow, _sourceFault) = (intake, intake is null ? SourceFlow.Closed : SourceFlow.Waiting, null));
    }

    /// <summary>Copies what the group plays from here on; null: no more. To be called in a <see cref="Change"/>.</summary>
    public void SetTap(ProgrammeTap? tap) => _tap = tap;

    /// <summary>Runs on the audio thread between two blocks; must not allocate or wait.</summary>
    public void Change(Action change) => _changes.Post(change);

    public void Dispose()
    {
        _stopping = true;
        _time.WaitUntil(() => !_thread.IsAlive);
    }

    private static SourceFlow FlowOf(SourceIntake intake) =>
        intake.QuietFrames > QuietSeconds * Timeline.SampleRate || intake.InaudibleFrames > InaudibleSeconds * Timeline.SampleRate ? SourceFlow.Quiet
        : intake.HasCome ? SourceFlow.Sounding
        : SourceFlow.Waiting;

    private void ChangeAndWait(Action change)
    {
        if (!_thread.IsAlive)
        {
            change();
            return;
        }

        var posted = _changes.Post(change);
        _time.WaitUntil(() => posted.IsMade || !_thread.IsAlive);
    }

    private void Loop()
    {
        AudioThread.TryRaisePriority(RealTimePriority);
        var (wake, phase) = (_time.SleepNanoseconds(), 0.0);
        try
        {
            while (!_stopping)
            {
                for (var change = _changes.Take(); change is not null; change = change.Next) Make(change);
                Run();
                wake = Math.Max(wake + WakePeriod, _time.SleepNanoseconds());
                phase = (phase + WakeStep) % 1;
                _time.SleepUntil(wake + (long)(phase * WakePeriod));
            }
        }
        catch (Exception fault)
        {
            _failed = true;
            PlaybackLog.AudioFault(_log, _group, fault);
        }
    }

    private void Make(ChangeQueue.Change change)
    {
        try
        {
            change.Work();
        }
        catch (Exception fault)
        {
            PlaybackLog.Fault(_log, fault); // the others are made all the same
        }

        change.SetMade();
    }

    private void Run()
    {
        var nanoseconds = Nanoseconds;
        var now = TimeSpan.FromTicks((nanoseconds - Line.StartNanoseconds) / 100);
        var until = Line.WrittenBy(nanoseconds);
        TakeSource(until, now);
        _timeline.WriteSilence(until - _timeline.End); // where there is no source
        Volatile.Write(ref _written, _timeline.End);
        Tap();
        WaitForTheDeepest();
        for (var i = 0; i < _lanes.Count; i++) _lanes[i].Run(now);
    }

    /// <summary>Sound has to be given to a deep device before the others are due: all of them wait for it, by one jump, and stay together.</summary>
    private void WaitForTheDeepest()
    {
        var later = 0;
        for (var i = 0; i < _lanes.Count; i++) later = Math.Max(later, GroupLine.LeadFrames + _lanes[i].DeepFrames - Line.Lead);
        if (later == 0) return;
        Line.Delay(later);
        for (var i = 0; i < _lanes.Count; i++) _lanes[i].FollowLine(later);
    }

    /// <summary>A fault ends the source and nothing else: the speakers get silence until it is opened anew.</summary>
    private void TakeSource(long until, TimeSpan now)
    {
        if (_intake is not { } intake) return;
        try
        {
            intake.Run(until, now);
            _flow = FlowOf(intake);
        }
        catch (Exception fault)
        {
            (_intake, _flow, _sourceFault) = (null, SourceFlow.Closed, fault);
        }
    }

    private void Tap()
    {
        try
        {
            _tap?.Take(_timeline);
        }
        catch (Exception fault)
        {
            _tap = null; // only listening along needs it
            PlaybackLog.Fault(_log, fault);
        }
    }
}
