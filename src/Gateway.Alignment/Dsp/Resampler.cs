using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Alignment.Dsp;

/// <summary>
/// Variable-ratio resampler for interleaved stereo: polyphase windowed sinc, 64 taps × 256 phases, linear interpolation between
/// phases. Owned by one audio thread; <see cref="Process"/> allocates nothing.
/// </summary>
/// <remarks>
/// Output frame 0 is the instant of input frame 0 (silence is assumed before it); for that it looks
/// <see cref="LookaheadFrames"/> input frames ahead. <see cref="InputPosition"/> tells the input instant of the next output frame, so
/// the owner can keep exact account of where on its timeline each output frame lies, whatever the ratio did.
/// </remarks>
public sealed class Resampler
{
    private const int Taps = ResamplerKernel.Taps;
    private const int ChunkFrames = 1024;
    private const double SmoothingSeconds = 0.050;
    private const double LowestRatio = 0.1;
    private const double HighestRatio = 10;

    private readonly float[] _kernel;
    private readonly float[] _left = new float[Taps + ChunkFrames];
    private readonly float[] _right = new float[Taps + ChunkFrames];
    private readonly int _smoothingFrames;

    private int _filled;
    private int _read;
    private double _fraction;
    private double _ratio;
    private double _target;
    private double _step;
    private int _rampLeft;
    private long _inputBase;

    /// <param name="inputRate">Frames per second of the input.</param>
    /// <param name="outputRate">Nominal frames per second of the output: fixes the cut-off, 0.96 × half the lower rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is not positive, or the rates are further apart than 1 : 10.</exception>
    public Resampler(int inputRate = 48_000, int outputRate = 48_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputRate);
        NominalRatio = (double)inputRate / outputRate;
        if (NominalRatio is < LowestRatio or > HighestRatio)
            throw new ArgumentOutOfRangeException(nameof(outputRate), outputRate, $"Cannot resample {inputRate} Hz by more than a factor of 10.");

        _kernel = ResamplerKernel.Create(NominalRatio);
        _smoothingFrames = (int)(SmoothingSeconds * outputRate);
        Reset();
    }

    /// <summary>Input frames needed beyond the instant of an output frame.</summary>
    public static int LookaheadFrames => Taps - ResamplerKernel.TapsBefore - 1;

    /// <summary>Input rate over output rate, both nominal. Multiply by (1 + correction_ppm × 1e-6) for the ratio to run at.</summary>
    public double NominalRatio { get; }

    /// <summary>Input frames per output frame at this moment; follows what <see cref="Process"/> is asked for within 50 ms.</summary>
    public double Ratio => _ratio;

    /// <summary>Input frames consumed and not yet passed: consumed so far minus <see cref="InputPosition"/>.</summary>
    public double LatencyFrames => _filled - _read - ResamplerKernel.TapsBefore - _fraction;

    /// <summary>Instant of the next output frame, in input frames since construction or <see cref="Reset"/>.</summary>
    public double InputPosition => _inputBase + _read + _fraction;

    /// <summary>Forgets the signal and the ratio: the next input frame is frame 0 again.</summary>
    public void Reset()
    {
        _left.AsSpan().Clear();
        _right.AsSpan().Clear();
        _filled = ResamplerKernel.TapsBefore;
        (_read, _fraction, _ratio, _target, _rampLeft, _inputBase) = (0, 0, 0, 0, 0, 0);
    }

    /// <summary>
    /// Fills <paramref name="output"/> as far as <paramref name="input"/> reaches, and takes no more input than that needs.
    /// </summary>
    /// <param name="input">Interleaved stereo.</param>
    /// <param name="output">Interleaved stereo; only whole frames are written.</param>
    /// <param name="ratio">Input frames per output frame, 0.1 to 10. A change is reached linearly within 50 ms; the first is taken at once.</param>
    /// <param name="consumedFrames">Input frames taken; the caller offers the rest again.</param>
    /// <returns>Output frames written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not a number from 0.1 to 10.</exception>
    public int Process(ReadOnlySpan<float> input, Span<float> output, double ratio, out int consumedFrames)
    {
        if (!(ratio >= LowestRatio && ratio <= HighestRatio))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "A resampling ratio lies between 0.1 and 10.");

        SetTarget(ratio);
        var stereo = MemoryMarshal.Cast<float, Frame>(output);
        consumedFrames = 0;
        var produced = 0;
        while (true)
        {
            produced += Produce(stereo[produced..]);
            if (produced == stereo.Length)
                return produced;

            var taken = Take(input[(2 * consumedFrames)..], stereo.Length - produced);
            if (taken == 0)
                return produced;

            consumedFrames += taken;
        }
    }

    private void SetTarget(double ratio)
    {
        if (ratio == _target)
            return;

        var isFirst = _target == 0;
        _target = ratio;
        if (isFirst)
        {
            _ratio = ratio;
            return;
        }

        _step = (ratio - _ratio) / _smoothingFrames;
        _rampLeft = _smoothingFrames;
    }

    private int Produce(Span<Frame> output)
    {
        ref var kernel = ref MemoryMarshal.GetArrayDataReference(_kernel);
        ref var left = ref MemoryMarshal.GetArrayDataReference(_left);
        ref var right = ref MemoryMarshal.GetArrayDataReference(_right);
        var produced = 0;
        while (produced < output.Length && _read + Taps <= _filled)
        {
            var phase = _fraction * ResamplerKernel.Phases;
            var row = (int)phase;
            output[produced++] = Convolve(
                ref Unsafe.Add(ref kernel, row * ResamplerKernel.RowLength), (float)(phase - row), ref Unsafe.Add(ref left, _read), ref Unsafe.Add(ref right, _read));
            Advance();
        }

        return produced;
    }

    private void Advance()
    {
        var position = _fraction + _ratio;
        var whole = (int)position;
        _read += whole;
        _fraction = position - whole;
        if (_rampLeft == 0)
            return;

        _ratio = --_rampLeft == 0 ? _target : _ratio + _step;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Frame Convolve(ref float row, float weight, ref float left, ref float right)
    {
        var (sumLeft, sumRight) = (Vector<float>.Zero, Vector<float>.Zero);
        var blend = new Vector<float>(weight);
        for (nuint tap = 0; tap < Taps; tap += (nuint)Vector<float>.Count)
        {
            var h = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref row, tap + Taps), blend, Vector.LoadUnsafe(ref row, tap));
            sumLeft = Vector.MultiplyAddEstimate(h, Vector.LoadUnsafe(ref left, tap), sumLeft);
            sumRight = Vector.MultiplyAddEstimate(h, Vector.LoadUnsafe(ref right, tap), sumRight);
        }

        return new Frame(Vector.Sum(sumLeft), Vector.Sum(sumRight));
    }

    /// <summary>Takes what <paramref name="outputFrames"/> more frames need, at most a chunk.</summary>
    private int Take(ReadOnlySpan<float> input, int outputFrames)
    {
        Compact();
        var needed = Math.Min(outputFrames * Math.Max(_ratio, _target), ChunkFrames) + Taps;
        var frames = Math.Min(Math.Min((int)needed + _read - _filled, _left.Length - _filled), input.Length / 2);
        for (var i = 0; i < frames; i++)
            (_left[_filled + i], _right[_filled + i]) = (input[2 * i], input[2 * i + 1]);
        _filled += frames;
        return frames;
    }

    private void Compact()
    {
        _left.AsSpan(_read, _filled - _read).CopyTo(_left);
        _right.AsSpan(_read, _filled - _read).CopyTo(_right);
        _filled -= _read;
        _inputBase += _read;
        _read = 0;
    }

    private readonly record struct Frame(float Left, float Right);
}
