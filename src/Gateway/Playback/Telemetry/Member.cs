using Gateway.Alignment.Drift;
using Gateway.Alignment.Spread;
using Gateway.Playback.Audio;
using Gateway.Playback.Calibration;

namespace Gateway.Playback.Telemetry;

/// <summary>A speaker whose output is open in a group. Touched by the engine's loop only.</summary>
internal sealed class Member(PlaybackMember settings, SpeakerOutput output, OutputLane lane, LearnedLatency? prior)
{
    /// <summary>One window may fall on a cough, two on a passage that hides too little.</summary>
    private const int MostMissedWindows = 3;

    /// <summary>3 s of 0.1 s each: what is shorter is a drop-out, of which its own event tells.</summary>
    private const int SilentTicks = 30;

    /// <summary>10 s: it does not mend itself.</summary>
    private const int StuckTicks = 100;
    private readonly double[] _hostMs = new double[SpreadClassifier.WindowTicks];
    private int _ticks;
    private int _silentTicks;

    public PlaybackMember Settings { get; set; } = settings;
    public SpeakerOutput Output { get; } = output;
    public OutputLane Lane { get; } = lane;

    /// <summary>From an earlier link: a guess.</summary>
    public LearnedLatency? Prior { get; set; } = prior;

    /// <summary>Heard by a calibration since this link stands; null: not yet.</summary>
    public LearnedLatency? Measured { get; private set; }

    /// <summary>The last time, by the monotonic clock, that it was heard: by that calibration, or while it played.</summary>
    public TimeSpan? HeardAt { get; private set; }

    /// <summary>Windows of listening along, one after the other, that should have heard it and did not.</summary>
    public int MissedWindows { get; private set; }

    /// <summary>What was measured once is worth nothing where it should have been heard again and again since, and was not.</summary>
    public bool IsUnheard => Measured is not null && MissedWindows >= MostMissedWindows;

    /// <summary>Its device has begun to take what is written, and does not play gaps for seconds instead.</summary>
    public bool IsRunning => Figures.Loop > DriftLoopState.Priming && _silentTicks < SilentTicks;

    /// <summary>It plays nothing but gaps for so long that it has to be begun anew.</summary>
    public bool IsStuck => _silentTicks >= StuckTicks;

    /// <summary>What it has become later by since that calibration, as heard while it played.</summary>
    public double BiasMs => Figures.BiasUs / 1000;

    /// <summary>What calibration adds; without trim.</summary>
    public double DelayMs { get; set; }

    /// <summary>What is added in all.</summary>
    public double TotalDelayMs { get; set; }
    public LaneFigures Figures { get; private set; }
    public GapNews Gaps { get; } = new();
    public int ToldJumps { get; set; }
    public bool ToldUnstable { get; set; }

    /// <summary>The latest offset, arrival minus group line and trim; null: not measured.</summary>
    public double? OffsetMs { get; private set; }

    public bool HasHistory => _ticks >= _hostMs.Length;

    public double? LatencyMs => IsUnheard ? null : Measured?.LatencyMs + BiasMs;

    public void TakeCalibration(LearnedLatency measured, TimeSpan now)
    {
        (Measured, HeardAt, MissedWindows) = (measured, now, 0);
        Figures = Figures with { BiasUs = 0 };
    }

    public void TakeTracking(TimeSpan at) => (HeardAt, MissedWindows) = (at, 0);

    /// <summary>True, once: it is <see cref="IsUnheard"/> from here on.</summary>
    public bool MissWindow() => ++MissedWindows == MostMissedWindows;

    /// <summary>Reads the audio thread's figures: one tick of 0.1 s.</summary>
    public void Update()
    {
        Figures = Lane.Figures.Read();
        _silentTicks = Figures.IsSilent ? _silentTicks + 1 : 0;
        if (double.IsFinite(Figures.OffsetUs)) _hostMs[_ticks++ % _hostMs.Length] = Figures.OffsetUs / 1000;
    }

    /// <summary>The tick for the classifier. <paramref name="lineMs"/> is the latency that the group line stands for.</summary>
    public MemberTick Judge(double lineMs, TimeSpan now)
    {
        var offset = HostMs(0) + (LatencyMs ?? VisibleMs) + DelayMs - lineMs;
        OffsetMs = double.IsFinite(offset) ? offset : null;
        return Tick(offset, now);
    }

    /// <summary>The same for a tick of the past, by what is known now.</summary>
    public MemberTick JudgePast(int ticksAgo, double lineMs, TimeSpan now) => Tick(HostMs(ticksAgo) + (LatencyMs ?? VisibleMs) + DelayMs - lineMs, now);

    /// <summary>Standard deviation of what the host sees over 10 s; null: fewer than two values.</summary>
    public double? JitterMs()
    {
        var count = Math.Min(_ticks, _hostMs.Length);
        if (count < 2) return null;
        var values = _hostMs.AsSpan(0, count);
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in values) sum += value;
        foreach (var value in values) squares += (value - (sum / count)) * (value - (sum / count));
        return Math.Sqrt(squares / (count - 1));
    }

    /// <summary>The latest that the host sees, of the device's taking against the line.</summary>
    public double HostMs(int ticksAgo) => _ticks > ticksAgo && ticksAgo < _hostMs.Length ? _hostMs[(_ticks - 1 - ticksAgo) % _hostMs.Length] : double.NaN;

    public AlignmentEvidence Evidence => HasEvidence ? AlignmentEvidence.Acoustic : Figures.Loop is DriftLoopState.Tracking or DriftLoopState.Acquiring ? AlignmentEvidence.Host : AlignmentEvidence.Reported;

    public double? AgeS(TimeSpan now) => HeardAt is { } at ? Math.Round((now - at).TotalSeconds, 1) : null;

    /// <summary>Q 8 is the least that is accepted, 16 and more is sure; a loop that only coasts halves it.</summary>
    public double Confidence => Measured is { } measured && OffsetMs is not null
        ? Math.Round(Math.Clamp(measured.Quality / 16, 0, 1) * (Figures.Loop == DriftLoopState.Tracking ? 1 : 0.5), 2)
        : 0;

    public SpeakerPlayback ToPlayback(TimeSpan now) => new(
        Math.Round(TotalDelayMs, 3),
        Measured is { } measured ? Known(IsUnheard ? CalibrationState.Stale : CalibrationState.Valid, measured)
        : Prior is { } prior ? Known(CalibrationState.Stale, prior)
        : new CalibrationFigures(CalibrationState.None),
        Sync(now), IsRunning);

    public SpeakerReading Read(string group, TimeSpan now) => new(group, Sync(now), Math.Round(Figures.CorrectionPpm, 3), Figures.Underruns, Figures.Loop);

    private static CalibrationFigures Known(CalibrationState state, LearnedLatency latency) =>
        new(state, latency.At, Math.Round(latency.LatencyMs, 3), Math.Round(latency.Quality, 1));

    private SpeakerFigures Sync(TimeSpan now) => new(
        Rounded(OffsetMs), Rounded(LatencyMs), Rounded(Finite(Figures.DriftPpm)), Rounded(JitterMs()), Measured is null ? null : Confidence, Evidence, AgeS(now));

    private bool HasEvidence => Measured is not null && !IsUnheard;

    private double VisibleMs => Output.LatencyVisible ? Output.DeclaredLatencyMs ?? 0 : double.NaN;

    private MemberTick Tick(double offsetMs, TimeSpan now) => new(
        offsetMs, Figures.IsSilent, HasEvidence ? AlignmentEvidence.Acoustic : AlignmentEvidence.Host, HeardAt is { } at ? now - at : TimeSpan.Zero, Output.LatencyVisible);

    private static double? Rounded(double? value) => value is { } v ? Math.Round(v, 3) : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
