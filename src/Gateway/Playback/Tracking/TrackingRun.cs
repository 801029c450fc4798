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

    /// <summary>For louder rooms.</summary>
    private const int LongWindowFrames = 30 * Rate;
    private const int RecordingSeconds = 50;

    /// <summary>Where in a window the first speaker's sound is put: so far to both sides somebody may have moved.</summary>
    private const int PlaceSamples = 150 * Rate / 1000;
    private const int FarReachSamples = 100 * Rate / 1000;

    /// <summary>Looked for in twelve times the place, something else is as much sooner taken for it.</summary>
    private const double FarQuality = 12;

    /// <summary>-60 dBFS: below it there is no music to hide anything under.</summary>
    private const double QuietPower = 1e-6;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    private readonly GroupPlayer _player;
    private readonly IReadOnlyList<TrackedSpeaker> _speakers;
    private readonly ContinuousRecording _recording;
    private readonly ProgrammeTap _tap;
    private readonly HiddenProbeShaper[] _again; // makes the same noise once more, for the analysis
    private readonly TrackingJudge _judge;
    private readonly HostOffsets _host;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private readonly float[] _shaped = new float[Hop];
    private HiddenProbeTracker? _tracker;
    private int _windowFrames = ShortWindowFrames;
    private float[] _programme = [];
    private float[] _recorded = [];
    private float[] _probe = [];
    private (double Nanoseconds, double Sample) _anchor; // of the microphone's clock on ours
    private long _from;

    /// <param name="speakers">Measured since their links stand; two and more.</param>
    /// <param name="code">Of the first speaker's noise; the others have the next ones.</param>
    /// <param name="input">The microphone, open; owned from now on.</param>
    public TrackingRun(GroupPlayer player, IReadOnlyList<TrackedSpeaker> speakers, IAudioInput input, MicrophoneFacts facts, int code, TimeProvider time)
    {
        (_player, _speakers, _time) = (player, speakers, time);
        _judge = new TrackingJudge(speakers.Count, facts.SkewPpm);
        _host = new HostOffsets(speakers.Count);
        _anchor = (player.Nanoseconds, 0);
        _recording = new ContinuousRecording(input, facts.Channel, RecordingSeconds);
        _from = player.Written + (Rate / 5);
        var probes = speakers.Select((_, i) => new HiddenProbe(code + i, _from)).ToList();
        _again = [.. speakers.Select((_, i) => new HiddenProbeShaper(code + i))];
        _tap = new ProgrammeTap(_from, probes);
        player.Change(() =>
        {
            player.SetTap(_tap);
            for (var i = 0; i < speakers.Count; i++) speakers[i].Member.Lane.SetHiddenProbe(probes[i]);
        });
    }

    public IReadOnlyList<TrackedSpeaker> Speakers => _speakers;

    /// <summary>Works until it is disposed. <paramref name="heard"/> is told each window, by speaker, from the pool.</summary>
    /// <exception cref="PortException">The microphone has ended, or the machine does not keep up.</exception>
    public async Task RunAsync(Action<IReadOnlyList<TrackedArrival>> heard)
    {
        try
        {
            while (true)
            {
                var arrivals = await NextWindowAsync(_ended.Token);
                if (arrivals is not null) heard(arrivals);
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

    private async Task<IReadOnlyList<TrackedArrival>?> NextWindowAsync(CancellationToken cancellationToken)
    {
        Prepare();
        var frames = _programme.Length;
        var place = _player.Line.NanosecondsOf(_from) + (_speakers.Min(s => s.ExpectedMs) * 1e6) + ((_judge.CommonOffsetUs ?? 0) * 1e3) - (PlaceSamples * 1e9 / Rate);
        var first = SampleAt(place);
        while (_tap.End < _from + frames || _recording.End < (long)first + _recorded.Length)
        {
            if (_recording.HasEnded) throw new PortException(PortError.Other, "The microphone stopped.", "Check its connection.");
            await Task.Delay(s_poll, _time, cancellationToken);
        }

        if (!_tap.TryRead(_from, _programme) || !_recording.TryRead((long)first, _recorded))
            throw new PortException(PortError.Other, "The machine is too busy to listen along.", "It is tried again later.");
        var arrivals = await Task.Run(() => Analyse(place, first - Math.Floor(first), cancellationToken), cancellationToken);
        _from += frames;
        return arrivals;
    }

    private void Prepare()
    {
        if (_programme.Length == _windowFrames) return;
        _tracker = new HiddenProbeTracker(_windowFrames);
        (_programme, _probe) = (new float[_windowFrames], new float[_windowFrames]);
        _recorded = new float[(int)((long)_windowFrames * _recording.SampleRate / Rate) + (_recording.SampleRate / 10)];
    }

    private double SampleAt(double nanoseconds) => _anchor.Sample + ((nanoseconds - _anchor.Nanoseconds) * 1e-9 * _recording.SampleRate * (1 + (_judge.SkewPpm * 1e-6)));

    /// <summary>Null: there was no music to go by.</summary>
    private List<TrackedArrival>? Analyse(double placeNanoseconds, double sampleFraction, CancellationToken cancellationToken)
    {
        var quiet = Power(_programme) < QuietPower;
        if (!quiet) _tracker!.Load(_recorded, _recording.SampleRate, _judge.SkewPpm, _programme);
        var (estimates, arrived, known) = (new ArrivalEstimate[_speakers.Count], new double[_speakers.Count], new double[_speakers.Count]);
        // The recording begins with a whole sample, this much before the place.
        var early = sampleFraction * Rate / _recording.SampleRate;
        for (var k = 0; k < _speakers.Count; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ShapeAgain(_again[k]);
            if (quiet) continue;
            var (hostMs, biasMs) = _host.Mean(k, _from, _from + _programme.Length);
            var expectedUs = ((_speakers[k].ExpectedMs + hostMs) * 1e3) + (_player.Line.NanosecondsOf(_from) / 1e3) - (placeNanoseconds / 1e3);
            var expected = ((expectedUs + (biasMs * 1e3) + (_judge.CommonOffsetUs ?? 0)) * Rate / 1e6) + early;
            estimates[k] = Find(expected);
            arrived[k] = ((estimates[k].ArrivalSamples - early) * 1e6 / Rate) - expectedUs;
            known[k] = biasMs * 1e3;
        }

        if (quiet) return null;
        var end = placeNanoseconds + (_programme.Length * 1e9 / Rate);
        _anchor = (end, SampleAt(end)); // a new skew counts from here on
        var verdicts = new TrackingVerdict[_speakers.Count];
        _judge.Judge(estimates, arrived, known, (double)_programme.Length / Rate, verdicts);
        _windowFrames = 2 * estimates.Count(e => e.IsAccepted) > estimates.Length ? ShortWindowFrames : LongWindowFrames;
        return [.. estimates.Zip(verdicts, (e, v) => new TrackedArrival(e, v))];
    }

    private ArrivalEstimate Find(double expected)
    {
        // Two openings of a microphone begin apart by more than speakers move.
        var near = _judge.CommonOffsetUs is null ? default : _tracker!.Find(_probe, expected);
        if (near.IsAccepted) return near;
        var far = _tracker!.Find(_probe, expected, FarReachSamples);
        return far.Quality >= FarQuality ? far : near;
    }

    private void ShapeAgain(HiddenProbeShaper shaper)
    {
        for (var at = 0; at < _programme.Length; at += Hop)
        {
            shaper.Process(_programme.AsSpan(at, Hop), _shaped);
            if (at >= HiddenProbeShaper.LatencyFrames) _shaped.CopyTo(_probe, at - HiddenProbeShaper.LatencyFrames);
        }

        _probe.AsSpan(_probe.Length - HiddenProbeShaper.LatencyFrames).Clear(); // comes with the next window's first hop
    }

    private static double Power(float[] samples)
    {
        var sum = 0.0;
        foreach (var sample in samples) sum += sample * sample;
        return sum / samples.Length;
    }
}
