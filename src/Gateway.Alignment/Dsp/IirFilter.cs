namespace Gateway.Alignment.Dsp;

/// <summary>A recursive filter y = (b / a) x in transposed direct form II (Oppenheim and Schafer, "Discrete-Time Signal Processing", §6.3). Keeps its state between calls.</summary>
public sealed class IirFilter
{
    private readonly double[] _b;
    private readonly double[] _a;
    private readonly double[] _state;

    /// <param name="b">Numerator, powers of z^-1 from 0.</param>
    /// <param name="a">Denominator, likewise; its first coefficient is 1.</param>
    public IirFilter(ReadOnlySpan<double> b, ReadOnlySpan<double> a)
    {
        var order = Math.Max(b.Length, a.Length);
        _b = new double[order];
        _a = new double[order];
        _state = new double[order];
        b.CopyTo(_b);
        a.CopyTo(_a);
    }

    /// <summary>Second-order Butterworth low-pass by the bilinear transform with prewarping.</summary>
    public static IirFilter LowPass(double cutOffHz, double sampleRate)
    {
        var k = Math.Tan(Math.PI * cutOffHz / sampleRate);
        var gain = 1 / (1 + Math.Sqrt(2) * k + k * k);
        return new IirFilter([k * k * gain, 2 * k * k * gain, k * k * gain], Denominator(k, gain));
    }

    /// <summary>Second-order Butterworth high-pass by the bilinear transform with prewarping.</summary>
    public static IirFilter HighPass(double cutOffHz, double sampleRate)
    {
        var k = Math.Tan(Math.PI * cutOffHz / sampleRate);
        var gain = 1 / (1 + Math.Sqrt(2) * k + k * k);
        return new IirFilter([gain, -2 * gain, gain], Denominator(k, gain));
    }

    /// <summary>Filters in place.</summary>
    public void Process(Span<double> samples)
    {
        var last = _state.Length - 1;
        for (var n = 0; n < samples.Length; n++)
        {
            var x = samples[n];
            var y = _b[0] * x + _state[0];
            for (var i = 0; i < last; i++)
                _state[i] = _b[i + 1] * x - _a[i + 1] * y + _state[i + 1];
            samples[n] = y;
        }
    }

    private static double[] Denominator(double k, double gain) => [1, 2 * (k * k - 1) * gain, (1 - Math.Sqrt(2) * k + k * k) * gain];
}
