using Gateway.Alignment.Dsp;
using System.Numerics;

namespace Gateway.Simulation;

/// <summary>
/// One loudspeaker's way to the microphone as a uniformly partitioned convolution (overlap-save, blocks of
/// <see cref="Block"/> samples). It adds its result as a spectrum, so that all loudspeakers share one inverse transform.
/// </summary>
internal sealed class PartitionedConvolver
{
    public const int Block = 1024;

    private readonly RealFft _fft;
    private readonly float[] _input = new float[2 * Block];
    private readonly (float[] Re, float[] Im)[] _response;
    private readonly (float[] Re, float[] Im)[] _history;
    private int _newest;

    /// <param name="fft">Of 2 <see cref="Block"/> samples; shared.</param>
    public PartitionedConvolver(float[] response, RealFft fft)
    {
        _fft = fft;
        var parts = (response.Length + Block - 1) / Block;
        _response = new (float[], float[])[parts];
        _history = new (float[], float[])[parts];
        for (var p = 0; p < parts; p++)
        {
            _response[p] = (new float[fft.Bins], new float[fft.Bins]);
            _history[p] = (new float[fft.Bins], new float[fft.Bins]);
            var length = Math.Min(Block, response.Length - (p * Block));
            fft.Forward(response.AsSpan(p * Block, length), _response[p].Re, _response[p].Im);
        }
    }

    /// <summary>Where the next block of input goes.</summary>
    public Span<float> Input => _input.AsSpan(Block);

    /// <summary>Takes <see cref="Input"/> as the next block, and adds the spectrum of 2 blocks whose second half is the result.</summary>
    public void AddTo(float[] re, float[] im)
    {
        _newest = (_newest + _history.Length - 1) % _history.Length;
        _fft.Forward(_input, _history[_newest].Re, _history[_newest].Im);
        _input.AsSpan(Block).CopyTo(_input);
        for (var p = 0; p < _response.Length; p++)
        {
            var past = _history[(_newest + p) % _history.Length];
            MultiplyAdd(_response[p].Re, _response[p].Im, past.Re, past.Im, re, im);
        }
    }

    private static void MultiplyAdd(float[] aRe, float[] aIm, float[] bRe, float[] bIm, float[] re, float[] im)
    {
        var k = 0;
        for (; k <= re.Length - Vector<float>.Count; k += Vector<float>.Count)
        {
            var (ar, ai, br, bi) = (new Vector<float>(aRe, k), new Vector<float>(aIm, k), new Vector<float>(bRe, k), new Vector<float>(bIm, k));
            (new Vector<float>(re, k) + (ar * br) - (ai * bi)).CopyTo(re, k);
            (new Vector<float>(im, k) + (ar * bi) + (ai * br)).CopyTo(im, k);
        }

        for (; k < re.Length; k++)
        {
            re[k] += (aRe[k] * bRe[k]) - (aIm[k] * bIm[k]);
            im[k] += (aRe[k] * bIm[k]) + (aIm[k] * bRe[k]);
        }
    }
}
