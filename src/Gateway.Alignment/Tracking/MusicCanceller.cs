using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Tracking;

/// <summary>
/// Takes the music out of a recording of it, so that what was hidden under it is heard better (by about 12 dB): one response h from
/// programme to microphone is estimated for all speakers together, and h * programme subtracted. Not thread-safe.
/// </summary>
/// <remarks>Least squares by averaged cross-spectra (Welch 1967): H = Σ Y conj(M) / (Σ |M|² + 1e-6 max Σ |M|²).</remarks>
public sealed class MusicCanceller
{
    private const int BlockFrames = 1 << 16;
    private const int Taps = 1 << 14;
    private const double Regularisation = 1e-6;

    private readonly RealFft _fft = new(BlockFrames);
    private readonly float[] _window = new float[BlockFrames];
    private readonly float[] _block = new float[BlockFrames];
    private readonly float[] _crossRe;
    private readonly float[] _crossIm;
    private readonly float[] _power;
    private readonly float[] _aRe;
    private readonly float[] _aIm;
    private readonly float[] _bRe;
    private readonly float[] _bIm;

    public MusicCanceller()
    {
        _crossRe = new float[_fft.Bins];
        _crossIm = new float[_fft.Bins];
        _power = new float[_fft.Bins];
        _aRe = new float[_fft.Bins];
        _aIm = new float[_fft.Bins];
        _bRe = new float[_fft.Bins];
        _bIm = new float[_fft.Bins];
        for (var n = 0; n < BlockFrames; n++)
            _window[n] = (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * n / BlockFrames));
    }

    /// <summary>The shortest recording, 2.7 s.</summary>
    public static int ShortestFrames => 2 * BlockFrames;

    /// <summary>residual = recording - h * programme.</summary>
    /// <param name="recording">At 48 kHz of the player's clock (skew removed).</param>
    /// <param name="programme">What was played, mono, beginning with the recording; its sound arrives within 0.34 s.</param>
    /// <param name="residual">As long as both.</param>
    /// <exception cref="ArgumentException">Lengths differ or are below <see cref="ShortestFrames"/>.</exception>
    public void Remove(ReadOnlySpan<float> recording, ReadOnlySpan<float> programme, Span<float> residual)
    {
        if (recording.Length != programme.Length || residual.Length != recording.Length || recording.Length < ShortestFrames)
            throw new ArgumentException($"Recording, programme and residual must be equally long, at least {ShortestFrames} frames.");

        // The window weakens what arrives late in a block; a second pass over the residual takes out what that left.
        Pass(recording, programme, residual);
        Pass(residual, programme, residual);
    }

    private void Pass(ReadOnlySpan<float> recording, ReadOnlySpan<float> programme, Span<float> residual)
    {
        Accumulate(recording, programme);
        EstimateResponse();
        Subtract(recording, programme, residual);
    }

    private void Accumulate(ReadOnlySpan<float> recording, ReadOnlySpan<float> programme)
    {
        _crossRe.AsSpan().Clear();
        _crossIm.AsSpan().Clear();
        _power.AsSpan().Clear();
        for (var at = 0; at + BlockFrames <= recording.Length; at += BlockFrames / 2)
        {
            Transform(recording.Slice(at, BlockFrames), _aRe, _aIm);
            Transform(programme.Slice(at, BlockFrames), _bRe, _bIm);
            for (var bin = 0; bin < _power.Length; bin++)
            {
                _crossRe[bin] += _aRe[bin] * _bRe[bin] + _aIm[bin] * _bIm[bin];
                _crossIm[bin] += _aIm[bin] * _bRe[bin] - _aRe[bin] * _bIm[bin];
                _power[bin] += _bRe[bin] * _bRe[bin] + _bIm[bin] * _bIm[bin];
            }
        }
    }

    private void Transform(ReadOnlySpan<float> samples, float[] re, float[] im)
    {
        for (var n = 0; n < BlockFrames; n++)
            _block[n] = samples[n] * _window[n];
        _fft.Forward(_block, re, im);
    }

    /// <summary>Leaves the spectrum of h, cut to its first taps, in a.</summary>
    private void EstimateResponse()
    {
        var floor = 0f;
        foreach (var power in _power)
            floor = Math.Max(floor, power);
        floor = (float)(floor * Regularisation) + float.Epsilon;
        for (var bin = 0; bin < _power.Length; bin++)
        {
            _crossRe[bin] /= _power[bin] + floor;
            _crossIm[bin] /= _power[bin] + floor;
        }

        _fft.Inverse(_crossRe, _crossIm, _block);
        _fft.Forward(_block.AsSpan(0, Taps), _aRe, _aIm);
    }

    /// <summary>Convolution by overlap-save (Oppenheim and Schafer, §8.7).</summary>
    private void Subtract(ReadOnlySpan<float> recording, ReadOnlySpan<float> programme, Span<float> residual)
    {
        const int fresh = BlockFrames - Taps;
        for (var at = 0; at < recording.Length; at += fresh)
        {
            var count = Math.Min(fresh, recording.Length - at);
            _block.AsSpan().Clear();
            var lead = Math.Min(Taps, at);
            programme.Slice(at - lead, lead + count).CopyTo(_block.AsSpan(Taps - lead));
            _fft.Forward(_block, _bRe, _bIm);
            VectorMath.ComplexMultiply(_bRe, _bIm, _aRe, _aIm);
            _fft.Inverse(_bRe, _bIm, _block);
            for (var n = 0; n < count; n++)
                residual[at + n] = recording[at + n] - _block[Taps + n];
        }
    }
}
