namespace Gateway.Simulation;

/// <summary>A second-order Butterworth filter at 48 kHz by the bilinear transform.</summary>
internal sealed class Biquad
{
    private readonly double _b0, _b1, _b2, _a1, _a2;
    private double _z1, _z2;

    private Biquad(double cutOffHz, bool high)
    {
        var k = Math.Tan(Math.PI * cutOffHz / DeviceClock.SampleRate);
        var norm = 1 / (1 + (Math.Sqrt(2) * k) + (k * k));
        _b0 = high ? norm : k * k * norm;
        _b1 = high ? -2 * _b0 : 2 * _b0;
        _b2 = _b0;
        _a1 = 2 * ((k * k) - 1) * norm;
        _a2 = (1 - (Math.Sqrt(2) * k) + (k * k)) * norm;
    }

    public static Biquad HighPass(double cutOffHz) => new(cutOffHz, true);

    public static Biquad LowPass(double cutOffHz) => new(cutOffHz, false);

    public void Process(Span<double> samples)
    {
        foreach (ref var x in samples)
        {
            var y = (_b0 * x) + _z1;
            _z1 = (_b1 * x) - (_a1 * y) + _z2;
            _z2 = (_b2 * x) - (_a2 * y);
            x = y;
        }
    }
}
