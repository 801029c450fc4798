using System.Runtime.ExceptionServices;
using Gateway.Alignment.Calibration;
using Gateway.Alignment.Tracking;
using Gateway.Engine.Ports;
using Gateway.Playback.Audio;
using Gateway.Playback.Telemetry;

namespace Gateway.Playback.Tracking;

/// <summary>What a calibration found out about the microphone; the next openings of it are held against that.</summary>
internal sealed record MicrophoneFacts(int Channel, double SkewPpm);

/// <summary>A speaker that is followed, and when its sound is due: what the calibration heard and the delay that is added.</summary>
internal sealed record TrackedSpeaker(Member Member, double ExpectedMs)
{
    public double TotalDelayMs { get; } = Member.TotalDelayMs;
}

/// <summary>What one window said of one speaker.</summary>
/// <param name="Estimate">As heard.</param>
/// <param name="Verdict">What follows from it.</param>
internal readonly record struct TrackedArrival(ArrivalEstimate Estimate, TrackingVerdict Verdict);

/// <summary>
/// Follows a group's speakers while music plays: hides a noise of its own under each one's music, listens beside it, and tells window by
/// window what each is off by. Runs until it is disposed, and only by consent (<c>audio.tracking</c>); the sound that it hears stays in
/// memory for the length of a window and is never kept. Made and ended by the engine's loop; works on the pool and a recorder's thread.
/// </summary>
internal sealed class TrackingRun : IDisposable
{
    private const int Rate = Timeline.SampleRate;
    private const int Hop = HiddenProbeShaper.HopFrames;

    /// <summary>Enough where the room is 20 dB below the music (docs/measuring.md §3).</summary>
    private const int ShortWindowFrames = 10 * Rate;

    /// <summary>For louder rooms, and where somebody moved within a short one.</summary>
    private const int LongWindowFrames = 30 * Rate;
    private const int RecordingSeconds = 50;

    /// <summary>Where in a window the first speaker's sound is put: so far to both sides somebody may have moved.</summary>
    private const int PlaceSamples = 150 * Rate / 1000;
    private const int FarReachSamples = 100 * Rate / 1000;

    /// <summary>Looked for in twelve times the place, something else is as much sooner taken for it.</summary>
    private const double FarQuality = 12;

    /// <summary>By so much an owner's blocks and the microphone's clock may differ from window to window; more, and samples are missing.</summary>
    private const double LargestGapNanoseconds = 50e6;

    /// <summary>Nobody at all, though music played: what is believed of the microphone may be wrong, and a new opening begins anew.</summary>
    private const int MostWindowsWithNobody = 3;

    /// <summary>A calibration's skew may be wrong by so much, and 1 ppm is what a window bears: until one was heard, these are tried.</summary>
    private static readonly double[] s_skewErrorsPpm = [-1.5, 1.5, -3, 3];

    /// <summary>-60 dBFS: below it there is no music to hide anything under.</summary>
    private const double QuietPower = 1e-6;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    private readonly GroupPlayer _player;
    private readonly IReadOnlyList<TrackedSpeaker> _speakers;
    private readonly ContinuousRecording _recording;
    private readonly ProgrammeTap _tap;
    private readonly HiddenProbeShaper[] _atBegin; // each speaker's, where the window begins: they make the same noise once more
    private readonly HiddenProbeShaper[] _atEnd;
    private readonly HostOffsets _host;
    private readonly MicrophoneFacts _facts;
    private readonly int _lead;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private readonly float[] _shaped = new float[Hop];
    private TrackingJudge _judge;
    private Window? _short;
    private Window? _long;
    private (double Nanoseconds, double Sample) _anchor; // of the microphone's clock on ours
    private long _from;
    private long? _judgedTo; // the end of the last window that told something
    private int _windowsWithNobody;

    /// <param name="speakers">Measured since their links stand; two and more.</param>
    /// <param name="code">Of the first speaker's noise; the others have the next ones.</param>
    /// <param name="input">The microphone, open; owned from now on.</param>
    public TrackingRun(GroupPlayer player, IReadOnlyList<TrackedSpeaker> speakers, IAudioInput input, MicrophoneFacts facts, int code, TimeProvider time)
    {
        (_player, _speakers, _facts, _lead, _time) = (player, speakers, facts, player.Line.Lead, time);
        _judge = new TrackingJudge(speakers.Count, facts.SkewPpm);
        _host = new HostOffsets(speakers.Count);
        _recording = new ContinuousRecording(input, facts.Channel, RecordingSeconds, time);
        _from = player.Written + (Rate / 5);
        var probes = speakers.Select((_, i) => new HiddenProbe(code + i, _from)).ToList();
        _atBegin = [.. speakers.Select((_, i) => new HiddenProbeShaper(code + i))];
        _atEnd = [.. speakers.Select((_, i) => new HiddenProbeShaper(code + i))];
        _tap = new ProgrammeTap(_from, probes);
        player.Change(() =>
        {
            player.SetTap(_tap);
            for (var i = 0; i < speakers.Count; i++) speakers[i].Member.Lane.SetHiddenProbe(probes[i]);
        });
    }

    public IReadOnlyList<TrackedSpeaker> Speakers => _speakers;

    /// <summary>The group's line is where it was: what is expected of each speaker stands on it.</summary>
    public bool IsOnItsLine => _player.Line.Lead == _lead;

    private double SamplesPerNanosecond => 1e-9 * _recording.SampleRate * (1 + (_judge.SkewPpm * 1e-6));

    /// <summary>
    /// Works until it is disposed, or until the microphone is to be opened anew: the recording has a gap, behind which nobody stands where he was,
    /// or nobody was heard for long. <paramref name="heard"/> is told each window, by speaker, from the pool.
    /// </summary>
    /// <exception cref="PortException">The microphone has ended, or the machine does not keep up.</exception>
    public async Task RunAsync(Action<IReadOnlyList<TrackedArrival>> heard)
    {
        try
        {
            await AnchorAsync(_ended.Token);
            while (true)
            {
                var window = _short ??= new Window(ShortWindowFrames, _recording.SampleRate);
                if (!await RecordAsync(window, _ended.Token)) return;
                var arrivals = await Task.Run(() => Hear(window, lastOne: false, _ended.Token), _ended.Token);
                if (arrivals is not null || window.IsQuiet)
                {
                    _long = null;
                }
                else
                {
                    // Too few are heard: it is listened on.
                    window = _long ??= new Window(LongWindowFrames, _recording.SampleRate);
                    if (!await RecordAsync(window, _ended.Token)) return;
                    arrivals = await Task.Run(() => Hear(window, lastOne: true, _ended.Token), _ended.Token);
                }

                if (arrivals is not null) heard(arrivals);
                if (_windowsWithNobody >= MostWindowsWithNobody) return;
                for (var k = 0; k < _atBegin.Length; k++) _atBegin[k].ContinueFrom(_atEnd[k]);
                _from += window.Frames;
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
        }
        finally
        {
            _recording.Dispose();
        }
    }

    /// <summary>Engine's loop, each 0.1 s: what the host sees of each speaker now.</summary>
    public void Note()
    {
        var position = _player.Line.PositionAt(_player.Nanoseconds);
        for (var i = 0; i < _speakers.Count; i++) _host.Add(i, position, _speakers[i].Member.HostMs(0), _speakers[i].Member.BiasMs);
    }

    public void Dispose()
    {
        _ended.Cancel();
        _player.Change(() =>
        {
            _player.SetTap(null);
            foreach (var speaker in _speakers) speaker.Member.Lane.SetHiddenProbe(null);
        });
        // RunAsync ends the recording; the source is left to the collector, since that still waits on it.
    }

    /// <summary>The promptest of a second's arrivals says when the recording began.</summary>
    private async Task AnchorAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(() => _recording.End >= _recording.SampleRate, cancellationToken);
        _anchor = (_recording.Arrivals.LeastDelay(0, TimeOf) ?? 0, 0);
    }

    /// <summary>False: the recording has a gap.</summary>
    private async Task<bool> RecordAsync(Window window, CancellationToken cancellationToken)
    {
        window.PlaceNanoseconds = _player.Line.NanosecondsOf(_from) + (_speakers.Min(s => s.ExpectedMs) * 1e6) + ((_judge.CommonOffsetUs ?? 0) * 1e3) - (PlaceSamples * 1e9 / Rate);
        window.PlaceSample = SampleAt(window.PlaceNanoseconds);
        var first = (long)window.PlaceSample;
        await UntilAsync(() => _tap.End >= _from + window.Frames && _recording.End >= first + window.Recorded.Length, cancellationToken);
        if (!_tap.TryRead(_from, window.Programme) || !_recording.TryRead(first, window.Recorded))
            throw new PortException(PortError.Other, "The machine is too busy to listen along.", "It is tried again later.");
        // Behind a gap all that arrives is later than the anchor says.
        return !(_recording.Arrivals.LeastDelay(_recording.End - (2 * _recording.SampleRate), TimeOf) is { } delay && Math.Abs(delay) > LargestGapNanoseconds);
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            if (_recording is { HasEnded: true, Fault: { } fault }) ExceptionDispatchInfo.Throw(fault);
            if (_recording.HasEnded) throw new PortException(PortError.Other, "The microphone stopped.", "Check its connection.");
            await Task.Delay(s_poll, _time, cancellationToken);
        }
    }

    private double SampleAt(double nanoseconds) => _anchor.Sample + ((nanoseconds - _anchor.Nanoseconds) * SamplesPerNanosecond);

    private double TimeOf(long sample) => _anchor.Nanoseconds + ((sample - _anchor.Sample) / SamplesPerNanosecond);

    /// <summary>What a window says of each speaker. Null: it tells too little, and a longer one may tell more; or there was no music to go by.</summary>
    private List<TrackedArrival>? Hear(Window window, bool lastOne, CancellationToken cancellationToken)
    {
        window.IsQuiet = Power(window.Programme) < QuietPower;
        var estimates = Listen(window, _judge.SkewPpm, cancellationToken);
        if (window.IsQuiet) return null;
        if (_judge.CommonOffsetUs is null && !lastOne) estimates = TrySkews(window, estimates, cancellationToken);

        var (arrived, known, verdicts) = (new double[estimates.Length], new double[estimates.Length], new TrackingVerdict[estimates.Length]);
        for (var k = 0; k < estimates.Length; k++)
        {
            (var expectedUs, known[k]) = ExpectedUs(window, k);
            arrived[k] = ((estimates[k].ArrivalSamples - EarlySamples(window)) * 1e6 / Rate) - expectedUs;
        }

        if (!IsEnough(estimates) && !lastOne) return null;
        var end = (Nanoseconds: window.PlaceNanoseconds + (window.Frames * 1e9 / Rate), Sample: SampleAt(window.PlaceNanoseconds + (window.Frames * 1e9 / Rate)));
        var to = _from + window.Frames;
        if (_judge.Judge(estimates, arrived, known, (double)(to - (_judgedTo ?? _from)) / Rate, verdicts)) (_judgedTo, _windowsWithNobody) = (to, 0);
        else if (lastOne) _windowsWithNobody++;
        else return null;
        _anchor = end; // a new skew counts from here on
        return [.. estimates.Zip(verdicts, (e, v) => new TrackedArrival(e, v))];
    }

    /// <summary>With the right skew all speakers stand out the most. It is taken where that is enough to go by, and else the calibration's stands.</summary>
    private ArrivalEstimate[] TrySkews(Window window, ArrivalEstimate[] calibrated, CancellationToken cancellationToken)
    {
        var (best, skewPpm) = (calibrated, _judge.SkewPpm);
        foreach (var error in s_skewErrorsPpm)
        {
            var estimates = Listen(window, _facts.SkewPpm + error, cancellationToken);
            if (estimates.Sum(e => e.Quality) > best.Sum(e => e.Quality)) (best, skewPpm) = (estimates, _facts.SkewPpm + error);
        }

        if (best == calibrated || !IsEnough(best)) return calibrated;
        _anchor = (window.PlaceNanoseconds, window.PlaceSample);
        _judge = new TrackingJudge(_speakers.Count, skewPpm);
        return best;
    }

    private static bool IsEnough(ArrivalEstimate[] estimates) => 2 * estimates.Count(e => e.IsAccepted) > estimates.Length;

    /// <summary>Where each speaker's noise is in a window, if the microphone's clock is so fast.</summary>
    private ArrivalEstimate[] Listen(Window window, double skewPpm, CancellationToken cancellationToken)
    {
        if (!window.IsQuiet) window.Tracker.Load(window.Recorded, _recording.SampleRate, skewPpm, window.Programme);
        var estimates = new ArrivalEstimate[_speakers.Count];
        for (var k = 0; k < _speakers.Count; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ShapeAgain(k, window);
            if (window.IsQuiet) continue;
            var (expectedUs, biasUs) = ExpectedUs(window, k);
            estimates[k] = Find(window, ((expectedUs + biasUs + (_judge.CommonOffsetUs ?? 0)) * Rate / 1e6) + EarlySamples(window));
        }

        return estimates;
    }

    /// <summary>The recording begins with a whole sample, this much before the place, at the player's rate.</summary>
    private double EarlySamples(Window window) => (window.PlaceSample - Math.Floor(window.PlaceSample)) * Rate / _recording.SampleRate;

    /// <summary>When a speaker's sound is due behind the window's place by its calibration and the host's clocks, and what it is known to be off by.</summary>
    private (double ExpectedUs, double BiasUs) ExpectedUs(Window window, int speaker)
    {
        var (hostMs, biasMs) = _host.Mean(speaker, _from, _from + window.Frames);
        return (((_speakers[speaker].ExpectedMs + hostMs) * 1e3) + (_player.Line.NanosecondsOf(_from) / 1e3) - (window.PlaceNanoseconds / 1e3), biasMs * 1e3);
    }

    private static ArrivalEstimate Find(Window window, double expected)
    {
        var near = window.Tracker.Find(window.Probe, expected);
        if (near.IsAccepted) return near;
        // Two openings of a microphone may begin apart by more than speakers move.
        var far = window.Tracker.Find(window.Probe, expected, FarReachSamples);
        return far.Quality >= FarQuality ? far : near;
    }

    private void ShapeAgain(int speaker, Window window)
    {
        var shaper = _atEnd[speaker];
        shaper.ContinueFrom(_atBegin[speaker]);
        for (var at = 0; at < window.Frames; at += Hop)
        {
            shaper.Process(window.Programme.AsSpan(at, Hop), _shaped);
            if (at >= HiddenProbeShaper.LatencyFrames) _shaped.CopyTo(window.Probe, at - HiddenProbeShaper.LatencyFrames);
        }

        window.Probe.AsSpan(window.Frames - HiddenProbeShaper.LatencyFrames).Clear(); // comes with the next window's first hop
    }

    private static double Power(float[] samples)
    {
        var sum = 0.0;
        foreach (var sample in samples) sum += sample * sample;
        return sum / samples.Length;
    }

    /// <summary>What a window of one length needs.</summary>
    private sealed class Window(int frames, int recordingRate)
    {
        public int Frames => frames;
        public HiddenProbeTracker Tracker { get; } = new(frames);
        public float[] Programme { get; } = new float[frames];
        public float[] Probe { get; } = new float[frames];
        public float[] Recorded { get; } = new float[(int)((long)frames * recordingRate / Rate) + (recordingRate / 10)];

        /// <summary>Where it begins in the recording, on our clock.</summary>
        public double PlaceNanoseconds { get; set; }

        /// <summary>And by the microphone's.</summary>
        public double PlaceSample { get; set; }

        /// <summary>There was no music to go by.</summary>
        public bool IsQuiet { get; set; }
    }
}
