namespace Gateway.Alignment.Dsp;

/// <summary>
/// The windowed sinc of <see cref="Resampler"/>: for each of 256 phases 64 taps, then 64 differences to the next phase, so that linear
/// interpolation between phases is one multiply-add per tap.
/// </summary>
/// <remarks>
/// J. O. Smith, "Digital Audio Resampling" (bandlimited interpolation); Kaiser's window (Kaiser 1974) with beta 10 keeps the stop band
/// below -100 dB. Each phase sums to exactly 1: a constant passes unchanged at every fractional position.
/// </remarks>
internal static class ResamplerKernel
{
    public const int Taps = 64;
    public const int Phases = 256;
    public const int RowLength = 2 * Taps;

    /// <summary>Taps before the sample at or left of the position.</summary>
    public const int TapsBefore = Taps / 2 - 1;

    private const double Beta = 10;
    private const double CutOff = 0.96;

    /// <param name="nominalRatio">Input rate over output rate; above 1 the cut-off falls below half the output rate.</param>
    public static float[] Create(double nominalRatio)
    {
        var cutOff = CutOff * Math.Min(1, 1 / nominalRatio);
        var rows = new double[Phases + 1][];
        for (var phase = 0; phase <= Phases; phase++)
            rows[phase] = CreateRow(cutOff, (double)phase / Phases);

        var table = new float[Phases * RowLength];
        for (var phase = 0; phase < Phases; phase++)
        for (var tap = 0; tap < Taps; tap++)
        {
            table[phase * RowLength + tap] = (float)rows[phase][tap];
            table[phase * RowLength + Taps + tap] = (float)(rows[phase + 1][tap] - rows[phase][tap]);
        }

        return table;
    }

    private static double[] CreateRow(double cutOff, double fraction)
    {
        var row = new double[Taps];
        var sum = 0.0;
        for (var tap = 0; tap < Taps; tap++)
        {
            var x = tap - TapsBefore - fraction;
            row[tap] = cutOff * Sinc(cutOff * x) * Kaiser(x / (Taps / 2.0));
            sum += row[tap];
        }

        for (var tap = 0; tap < Taps; tap++)
            row[tap] /= sum;
        return row;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static double Kaiser(double x) => Math.Abs(x) >= 1 ? 0 : BesselI0(Beta * Math.Sqrt(1 - x * x)) / BesselI0(Beta);

    /// <summary>The modified Bessel function of the first kind, order 0, by its power series (Abramowitz and Stegun 9.6.12).</summary>
    private static double BesselI0(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var k = 1; term > sum * 1e-17; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
