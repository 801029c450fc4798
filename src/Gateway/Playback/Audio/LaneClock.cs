using Gateway.Sound;

namespace Gateway.Playback.Audio;

/// <summary>
/// Where an output is against the group's line: its clock's readings, held against the positions of the frames that it was given. Readings come late, never early, so
/// of all in a quarter of a second the earliest counts. Audio thread only; allocates nothing after construction.
/// </summary>
internal sealed class LaneClock(SpeakerOutput output, GroupLine line)
{
    private const int StartReadings = 12;
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(250);

    private readonly ClockReader _reader = new(output);
    private readonly PositionMap _map = new();
    private bool _started;
    private long _settledAt; // frames before this one do not count for the loop
    private double _earliest = double.MaxValue;
    private double _earliestShown = double.MaxValue;
    private double _shownUs = double.NaN;
    private long _silentShown;
    private TimeSpan _sureAt; // not before as much was read as for a measurement
    private TimeSpan _measureAt;

    public long UnderrunFrames => _reader.UnderrunFrames;

    /// <summary>Zeros since the last reading that was new.</summary>
    public long NewUnderrun => _reader.NewUnderrun;

    /// <summary>False: nothing new.</summary>
    public bool TryRead() => _reader.TryRead();

    /// <summary>Enough was read to tell when a frame is due.</summary>
    public bool IsSure(TimeSpan now)
    {
        if (_reader.Readings == 0) _sureAt = now + s_period;
        return _reader.Readings >= StartReadings && now >= _sureAt;
    }

    /// <summary>When a frame that is written then will sound.</summary>
    public double DueNanoseconds(long frame) => _reader.FirstFrameNanoseconds + (frame * 1e9 / output.SampleRate);

    /// <summary>The frame is the first that has a position.</summary>
    public void Start(long frame, TimeSpan now)
    {
        _map.Clear();
        (_started, _settledAt, _measureAt) = (true, frame, now + s_period);
    }

    /// <summary>A block begins: its first frame, that frame's position, and positions per frame.</summary>
    public void Note(long frame, double position, double ratio) => _map.Add(frame, position, ratio);

    /// <summary>Something was moved: what lies before the frame says nothing of where it is now.</summary>
    public void SettleAt(long frame) => (_settledAt, _earliest) = (frame, double.MaxValue);

    /// <summary>Holds the reading against the line. True, each quarter of a second: how late it was at the earliest, in µs; NaN: no reading of it counts.</summary>
    public bool TryMeasure(TimeSpan now, out double offsetUs)
    {
        offsetUs = double.NaN;
        if (!_started) return false;
        var late = (line.PositionAt(_reader.AtNanoseconds) - _map.PositionOf(_reader.Frame)) * 1e6 / Timeline.SampleRate;
        if (double.IsNaN(late)) return false;
        _earliestShown = Math.Min(_earliestShown, late);
        if (_reader.Frame >= _settledAt) _earliest = Math.Min(_earliest, late);
        if (now < _measureAt) return false;
        _measureAt = now + s_period;
        if (_earliest < double.MaxValue) offsetUs = _earliest;
        _earliest = double.MaxValue;
        return true;
    }

    /// <summary>Since this was last asked: the offset (the former one where nothing was read, NaN before there was one), and whether it played gaps.</summary>
    public (double OffsetUs, bool IsSilent) Show()
    {
        var zeros = UnderrunFrames - _silentShown;
        _silentShown = UnderrunFrames;
        if (_earliestShown < double.MaxValue) _shownUs = _earliestShown;
        _earliestShown = double.MaxValue;
        return (_shownUs, _started && zeros > output.SampleRate / 20);
    }
}
