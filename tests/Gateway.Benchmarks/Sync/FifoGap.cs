namespace Gateway.Benchmarks.Sync;

/// <summary>
/// How many frames of silence a device has played that says nothing of it: a pipe that is found empty, while the device's clock went on.
/// The clock is the line under the readings "n frames taken by t" (readings come late, never early). While the pipe is empty the gap is
/// what the line has run ahead; when it ends only the device knows, so the figure is mended once, 0.15 s after it takes sound again.
/// </summary>
internal sealed class FifoGap
{
    private const double NanosecondsPerFrame = 1e9 / 48_000;
    private const double LeastFrames = 480; // a device takes periods: an empty pipe is no gap yet
    private const long Slot = 500_000_000;
    private const long MendAfter = 150_000_000;
    private double _line = double.MaxValue; // instant of frame 0, silence counted: the least of this slot and the last
    private double _lineBefore = double.MaxValue;
    private long _slotEnd;
    private double _after = double.MaxValue;
    private long _mendAt = long.MaxValue;
    private bool _inGap;
    private long _gapAt; // frames taken before it

    public long SilentFrames { get; private set; }

    private double Line => Math.Min(_line, _lineBefore);

    public void Read(long taken, bool isEmpty, long now)
    {
        if (taken == 0) return;
        var first = now - ((taken + SilentFrames) * NanosecondsPerFrame);
        if (isEmpty && (first - Line) / NanosecondsPerFrame is var ahead && ahead > (_inGap ? 0 : LeastFrames) && ahead < double.MaxValue)
        {
            SilentFrames += (long)Math.Round(ahead);
            (_inGap, _gapAt, _mendAt) = (true, taken, long.MaxValue);
        }
        else if (_inGap && taken > _gapAt)
        {
            if (_mendAt == long.MaxValue) (_after, _mendAt) = (double.MaxValue, now + MendAfter);
            _after = Math.Min(_after, first);
            if (now >= _mendAt) Mend();
        }
        else if (!_inGap)
        {
            Follow(first, now);
        }
    }

    private void Mend()
    {
        SilentFrames += (long)Math.Round((_after - Line) / NanosecondsPerFrame);
        (_inGap, _mendAt) = (false, long.MaxValue);
    }

    private void Follow(double first, long now)
    {
        if (now >= _slotEnd) (_lineBefore, _line, _slotEnd) = (_line, double.MaxValue, now + Slot);
        _line = Math.Min(_line, first);
    }
}
