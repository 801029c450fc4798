namespace Gateway.Simulation;

/// <summary>The last five seconds that a device took, mono, as its loudspeaker gives them out. Not thread-safe.</summary>
internal sealed class PlayedRecord
{
    private const int Length = 1 << 18;

    // The first taps stand once more behind the end, so that a reader's window never wraps.
    private readonly float[] _samples = new float[Length + SincReader.Taps];

    /// <summary>Frames so far.</summary>
    public long End { get; private set; }

    public void Add(float sample)
    {
        var at = (int)(End & (Length - 1));
        _samples[at] = sample;
        if (at < SincReader.Taps) _samples[Length + at] = sample;
        End++;
    }

    /// <summary>Samples at <paramref name="start"/>, start + step, ...; silence where nothing was played or nothing is known any more.</summary>
    public void Read(double start, double step, Span<float> into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            var position = start + (i * step);
            var whole = (long)Math.Floor(position);
            var first = whole - SincReader.Before;
            var known = first >= 0 && first >= End - Length && first + SincReader.Taps <= End;
            into[i] = known ? SincReader.At(_samples.AsSpan((int)(first & (Length - 1)), SincReader.Taps), position - whole) : 0;
        }
    }
}
