using Gateway.Alignment.Drift;
using Gateway.Alignment.Dsp;
using Gateway.Engine.Ports;

namespace Gateway.Playback.Audio;

/// <summary>
/// Takes a source's frames as they arrive, by the source's own clock, and writes them to the timeline by the host's: a drift loop on
/// the backlog sets the resampler's ratio. What does not arrive in time is silence on the timeline, and never moves what follows.
/// Audio thread only; allocates nothing after construction.
/// </summary>
internal sealed class SourceIntake
{
    private const int Chunk = 480;
    private const double TargetSeconds = 0.040;

    /// <summary>-80 dBFS: a source that is on and gives digital silence, or the noise of its last bit, gives nothing.</summary>
    private const float Audible = 1e-4f;
    private static readonly TimeSpan s_measurePeriod = TimeSpan.FromMilliseconds(500);

    /// <summary>Arrivals are packets of some 10 ms; the mean backlog of half a second is good to a millisecond.</summary>
    private static readonly DriftSource s_source = new("arrival", TimeSpan.FromSeconds(1), 400, TimeSpan.FromSeconds(20), 0.2);

    private readonly IAudioInput _input;
    private readonly Timeline _timeline;
    private readonly Resampler _resampler;
    private readonly DriftLoop _loop = new(s_source, new DriftLimits(JumpsAllowed: false));
    private readonly float[] _backlog;
    private readonly float[] _raw;
    private readonly float[] _written = new float[2 * Chunk];
    private readonly int _target;
    private int _held; // frames in the backlog
    private bool _flowing;
    private long _arrivedAt = -1; // the timeline's position when anything came last; -1: not begun
    private long _heardAt;
    private double _sum;
    private int _count;
    private TimeSpan _measureAt;

    public SourceIntake(IAudioInput input, Timeline timeline)
    {
        (_input, _timeline) = (input, timeline);
        _resampler = new Resampler(input.SampleRate, Timeline.SampleRate);
        _target = (int)(TargetSeconds * input.SampleRate);
        _backlog = new float[2 * 3 * input.SampleRate];
        _raw = new float[Chunk * input.Channels];
    }

    /// <summary>False: the source has ended, or its link is gone.</summary>
    public bool IsOpen => _input.IsOpen;

    /// <summary>For how much of the timeline nothing has come.</summary>
    public long QuietFrames { get; private set; }

    /// <summary>For how much of it nothing has come that could be heard.</summary>
    public long InaudibleFrames { get; private set; }

    /// <summary>Something has come.</summary>
    public bool HasCome { get; private set; }

    /// <summary>Writes the timeline up to <paramref name="until"/>.</summary>
    public void Run(long until, TimeSpan now)
    {
        if (_arrivedAt < 0) _arrivedAt = _heardAt = _timeline.End;
        Receive();
        // Counted in what this thread has written, not by a clock: who was not awake has not listened either.
        (QuietFrames, InaudibleFrames) = (_timeline.End - _arrivedAt, _timeline.End - _heardAt);
        var due = until - _timeline.End;
        if (due <= 0) return;
        var needed = (long)(due * _resampler.NominalRatio) + Resampler.LookaheadFrames + 2;
        if (!_flowing && _held >= needed + _target) Begin(needed, now);
        if (_flowing && _held < needed) Rest(due);
        if (!_flowing)
        {
            _timeline.WriteSilence(until - _timeline.End);
            return;
        }

        Write(until);
        if (_held > _target + _input.SampleRate / 4) Keep(_target); // a burst of what came too late: its place was silence
        Follow(now);
    }

    private void Begin(long needed, TimeSpan now)
    {
        Keep((int)needed + _target);
        _flowing = true;
        (_sum, _count, _measureAt) = (0, 0, now + s_measurePeriod);
        if (_loop.State != DriftLoopState.Idle) return;
        _loop.Prime(now);
        _loop.Start(now);
    }

    /// <summary>Too little came: silence in place of the oldest, so that the newest stay where they belong.</summary>
    private void Rest(long due)
    {
        var sounding = Math.Clamp((long)((_held - _target) / _resampler.NominalRatio), 0, due);
        _timeline.WriteSilence(due - sounding);
        _flowing = sounding > 0;
    }

    private void Receive()
    {
        var channels = _input.Channels;
        while (2 * (_held + Chunk) <= _backlog.Length)
        {
            var frames = _input.Read(_raw);
            for (var i = 0; i < frames; i++)
            {
                _backlog[2 * (_held + i)] = _raw[i * channels];
                _backlog[(2 * (_held + i)) + 1] = _raw[(i * channels) + (channels > 1 ? 1 : 0)];
            }

            Note(frames, channels);
            _held += frames;
            // A short read took all there was. To go on asking would never end where a question takes longer than a frame lasts.
            if (frames < Chunk) return;
        }
    }

    private void Note(int frames, int channels)
    {
        if (frames == 0) return;
        (HasCome, _arrivedAt) = (true, _timeline.End);
        foreach (var sample in _raw.AsSpan(0, frames * channels))
        {
            if (Math.Abs(sample) <= Audible) continue;
            _heardAt = _timeline.End;
            return;
        }
    }

    private void Write(long until)
    {
        var ratio = _resampler.NominalRatio * (1 + (_loop.CorrectionPpm * 1e-6));
        while (_timeline.End < until)
        {
            var frames = (int)Math.Min(Chunk, until - _timeline.End);
            var produced = _resampler.Process(_backlog.AsSpan(0, 2 * _held), _written.AsSpan(0, 2 * frames), ratio, out var consumed);
            Keep(_held - consumed);
            _timeline.Write(_written.AsSpan(0, 2 * produced));
            if (produced < frames) _timeline.WriteSilence(frames - produced);
        }
    }

    /// <summary>What waits beyond the target when the timeline is up to date: we play too slowly for the source.</summary>
    private void Follow(TimeSpan now)
    {
        _sum += _held;
        _count++;
        if (now < _measureAt) return;
        _loop.Measure(((_sum / _count) - _target) * 1e6 / _input.SampleRate, now);
        (_sum, _count, _measureAt) = (0, 0, now + s_measurePeriod);
    }

    /// <summary>Drops all but the newest.</summary>
    private void Keep(int frames)
    {
        if (frames >= _held) return;
        _backlog.AsSpan(2 * (_held - frames), 2 * frames).CopyTo(_backlog);
        _held = frames;
    }
}
