namespace Gateway.Simulation;

/// <summary>
/// What a source plays: notes and strokes that are drawn anew for each step of an eighth of a second, and so never repeat; every
/// part of it is known from the seed and the position alone. Wide-band, about -20 dBFS rms, stereo. Not thread-safe.
/// </summary>
internal sealed class Music(int seed, string source)
{
    private const int Step = DeviceClock.SampleRate / 8;
    private const int NotesPerStep = 3;
    private const int Harmonics = 4;
    private static readonly double[] s_scale = [1, 9.0 / 8, 5.0 / 4, 3.0 / 2, 5.0 / 3]; // pentatonic

    private readonly float[] _step = new float[2 * Step];
    private long _held = -1;

    /// <summary>Interleaved stereo from <paramref name="position"/> (frames) on.</summary>
    public void Read(long position, Span<float> stereo)
    {
        while (!stereo.IsEmpty)
        {
            var (step, offset) = Math.DivRem(position, Step);
            if (step != _held) Render(step);
            var part = _step.AsSpan((int)offset * 2);
            if (part.Length > stereo.Length) part = part[..stereo.Length];
            part.CopyTo(stereo);
            stereo = stereo[part.Length..];
            position += part.Length / 2;
        }
    }

    private void Render(long step)
    {
        Array.Clear(_step);
        if (step > 0) AddNotes(step - 1, Step);
        AddNotes(step, 0);
        AddStroke(step);
        foreach (ref var x in _step.AsSpan()) x = Math.Clamp(x, -1f, 1f);
        _held = step;
    }

    /// <summary>Notes that began with <paramref name="step"/> and ring for two steps, from <paramref name="offset"/> frames after their beginning on.</summary>
    private void AddNotes(long step, int offset)
    {
        var draw = SplitMix64.Of(seed, source, "notes", step);
        for (var note = 0; note < NotesPerStep; note++)
        {
            var octave = 110 * (1 << (int)draw.NextBetween(0, 3));
            var pitch = octave * s_scale[(int)draw.NextBetween(0, s_scale.Length)] * draw.NextBetween(0.995, 1.005);
            var (pan, level) = (draw.NextBetween(0.2, 0.8), draw.NextBetween(0.08, 0.18));
            for (var h = 1; h <= Harmonics; h++) AddPartial(pitch * h, level / h, pan, draw.NextUnit(), offset);
        }
    }

    private void AddPartial(double hertz, double level, double pan, double phase, int offset)
    {
        var turn = 2 * Math.PI * hertz / DeviceClock.SampleRate;
        var decay = Math.Exp(-3.0 / Step);
        var (sin, cos) = Math.SinCos((2 * Math.PI * phase) + (turn * offset));
        var (turnSin, turnCos) = Math.SinCos(turn);
        var now = level * Math.Pow(decay, offset);
        for (var i = 0; i < Step; i++)
        {
            // The last hundredth of the ring fades out, and the first fades in: no clicks.
            var edge = Math.Min(1, Math.Min(i + offset + 1, (2 * Step) - i - offset) / 200.0);
            var x = now * edge * sin;
            _step[2 * i] += (float)(x * (1 - pan));
            _step[(2 * i) + 1] += (float)(x * pan);
            (sin, cos) = ((sin * turnCos) + (cos * turnSin), (cos * turnCos) - (sin * turnSin));
            now *= decay;
        }
    }

    /// <summary>A stroke on the cymbal that dies away within the step, over a breath of noise.</summary>
    private void AddStroke(long step)
    {
        var draw = SplitMix64.Of(seed, source, "stroke", step);
        var level = draw.NextBetween(0.1, 0.5);
        var decay = Math.Exp(-6.0 / Step);
        for (var i = 0; i < Step; i++)
        {
            var noise = (2 * draw.NextUnit()) - 1;
            var x = (float)(noise * (0.04 + level));
            _step[2 * i] += x;
            _step[(2 * i) + 1] += x;
            level *= decay;
        }
    }
}
