using System.Numerics;

namespace Gateway.Simulation;

/// <summary>
/// Reads a signal between its samples: windowed sinc, 32 taps x 256 phases with linear interpolation between phases,
/// Kaiser beta 8, cut-off 0.93 (docs/measuring.md: residual about -90 dB).
/// </summary>
internal static class SincReader
{
    public const int Taps = 32;

    /// <summary>Taps before the sample at or before the position.</summary>
    public const int Before = (Taps / 2) - 1;

    private const int Phases = 256;
    private const double Beta = 8;
    private const double CutOff = 0.93;
    private static readonly float[] s_table = Table();

    /// <param name="around">The <see cref="Taps"/> samples around the position, from <see cref="Before"/> before it.</param>
    /// <param name="fraction">The position's part behind the sample, 0 to 1.</param>
    public static float At(ReadOnlySpan<float> around, double fraction)
    {
        var phase = fraction * Phases;
        var row = (int)phase;
        var weight = new Vector<float>((float)(phase - row));
        var low = s_table.AsSpan(row * Taps, Taps);
        var high = s_table.AsSpan((row + 1) * Taps, Taps);
        var sum = Vector<float>.Zero;
        for (var i = 0; i < Taps; i += Vector<float>.Count)
        {
            var from = new Vector<float>(low[i..]);
            sum += (from + (weight * (new Vector<float>(high[i..]) - from))) * new Vector<float>(around[i..]);
        }

        return Vector.Sum(sum);
    }

    private static float[] Table()
    {
        var table = new float[(Phases + 1) * Taps];
        for (var phase = 0; phase <= Phases; phase++)
        {
            var row = new double[Taps];
            for (var tap = 0; tap < Taps; tap++)
            {
                var x = tap - Before - ((double)phase / Phases);
                row[tap] = CutOff * Sinc(CutOff * x) * Kaiser(x / (Taps / 2));
            }

            var sum = row.Sum(); // gain 1 at 0 Hz in every phase
            for (var tap = 0; tap < Taps; tap++) table[(phase * Taps) + tap] = (float)(row[tap] / sum);
        }

        return table;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static double Kaiser(double x) => Math.Abs(x) >= 1 ? 0 : Bessel(Beta * Math.Sqrt(1 - (x * x))) / Bessel(Beta);

    /// <summary>Modified Bessel function of the first kind, order 0 (its power series).</summary>
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
