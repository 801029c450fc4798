using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// What a whitened recording is multiplied by to find one probe in it: conj(S)/|S| under the weight
/// W(f) = ramp(300…360 Hz) ramp(14 000…12 600 Hz) P / (P + 0.03 mean P), P = |S|². Immutable; may be shared between threads.
/// </summary>
/// <remarks>
/// The generalised cross-correlation with phase transform (Knapp and Carter 1976), which reflections blur least, regularised where the
/// probe itself has no energy (Wiener).
/// </remarks>
public sealed class ProbeSpectrum
{
    private const double LowestHz = 300;
    private const double Regularisation = 0.03;

    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _level;

    /// <param name="signal">The probe; padded with zeros.</param>
    /// <param name="fft">Of the length at which recordings are transformed.</param>
    /// <param name="weightByPower">False: W without P (for signals that were whitened or shaped before).</param>
    /// <param name="lowestHz">Where the band begins.</param>
    /// <param name="sampleRate">Of the probe and the recordings.</param>
    public ProbeSpectrum(
        ReadOnlySpan<float> signal, RealFft fft, bool weightByPower = true, double lowestHz = LowestHz, int sampleRate = Probe.SampleRate)
    {
        ArgumentNullException.ThrowIfNull(fft);
        _re = new float[fft.Bins];
        _im = new float[fft.Bins];
        _level = new float[fft.Bins];
        fft.Forward(signal, _re, _im);

        var rms = Math.Sqrt(VectorMath.MeanSquare(_re) + VectorMath.MeanSquare(_im));
        var meanPower = (VectorMath.MeanSquare(_re) + VectorMath.MeanSquare(_im)) * (weightByPower ? Regularisation : 0);
        for (var bin = 0; bin < _re.Length; bin++)
        {
            var power = (double)_re[bin] * _re[bin] + (double)_im[bin] * _im[bin];
            var band = BandWeight((double)bin * sampleRate / fft.Length, lowestHz);
            var gain = power > 0 ? band * Math.Sqrt(power) / (power + meanPower) : 0;
            (_re[bin], _im[bin]) = ((float)(_re[bin] * gain), (float)(-_im[bin] * gain));
            _level[bin] = weightByPower && rms > 0 ? (float)(Math.Sqrt(power) / rms) : 1;
        }
    }

    internal ReadOnlySpan<float> Re => _re;

    internal ReadOnlySpan<float> Im => _im;

    /// <summary>|S| over its rms: brings back what was divided by |S|; 1 where the signal's spectrum is not flat by itself.</summary>
    internal ReadOnlySpan<float> Level => _level;

    private static double BandWeight(double hertz, double lowestHz) =>
        Math.Clamp((hertz - lowestHz) / (0.2 * lowestHz), 0, 1) * Math.Clamp((14_000 - hertz) / 1_400, 0, 1);
}
