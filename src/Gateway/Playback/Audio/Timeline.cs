namespace Gateway.Playback.Audio;

/// <summary>
/// The group's sound: a ring of interleaved stereo frames at 48 kHz of the host's clock, addressed by position (frames since the
/// group started). Written at its end, read anywhere in the last 10.9 s; what is not held reads as silence. One audio thread.
/// </summary>
internal sealed class Timeline
{
    public const int SampleRate = 48_000;

    // 10.9 s: the longest delay (2000 ms trim, 500 ms calibration, twice over) and all that lies in the deepest output.
    private const int Capacity = 1 << 19;
    private readonly float[] _frames = new float[2 * Capacity];

    /// <summary>The first position that is not written yet.</summary>
    public long End { get; private set; }

    public void Write(ReadOnlySpan<float> stereo)
    {
        while (!stereo.IsEmpty)
        {
            var at = (int)(End & (Capacity - 1));
            var frames = Math.Min(stereo.Length / 2, Capacity - at);
            stereo[..(2 * frames)].CopyTo(_frames.AsSpan(2 * at));
            stereo = stereo[(2 * frames)..];
            End += frames;
        }
    }

    public void WriteSilence(long frames)
    {
        while (frames > 0)
        {
            var at = (int)(End & (Capacity - 1));
            var part = (int)Math.Min(frames, Capacity - at);
            _frames.AsSpan(2 * at, 2 * part).Clear();
            frames -= part;
            End += part;
        }
    }

    /// <summary>Fills <paramref name="stereo"/> from <paramref name="position"/> on.</summary>
    public void Read(long position, Span<float> stereo)
    {
        var frames = stereo.Length / 2;
        if (position >= End - Capacity && position >= 0 && position + frames <= End)
        {
            var at = (int)(position & (Capacity - 1));
            var first = Math.Min(frames, Capacity - at);
            _frames.AsSpan(2 * at, 2 * first).CopyTo(stereo);
            _frames.AsSpan(0, 2 * (frames - first)).CopyTo(stereo[(2 * first)..]);
            return;
        }

        for (var i = 0; i < frames; i++)
        {
            var p = position + i;
            var at = 2 * (int)(p & (Capacity - 1));
            var held = p >= 0 && p >= End - Capacity && p < End;
            (stereo[2 * i], stereo[2 * i + 1]) = held ? (_frames[at], _frames[at + 1]) : (0f, 0f);
        }
    }
}
