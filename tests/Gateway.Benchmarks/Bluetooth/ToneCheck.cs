using Gateway.Native.Sbc;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>Is what arrived the tone that was sent? Fitted window by window.</summary>
/// <param name="MedianSnrDb">Of the windows.</param>
/// <param name="Jumps">Neighbouring windows whose phase does not continue: frames were lost or doubled there.</param>
internal sealed record ToneCheck(int Windows, double MedianSnrDb, int Jumps)
{
    private const int WindowFrames = 4_800;

    public static ToneCheck OfSbc(string path, int rate, double hertz)
    {
        var data = File.ReadAllBytes(path);
        using var decoder = new SbcDecoder();
        var left = new List<float>();
        var pcm = new short[256];
        for (var at = 0; at < data.Length;)
        {
            var consumed = decoder.Decode(data.AsSpan(at), pcm, out var samples);
            if (consumed == 0)
            {
                at++;
                continue;
            }

            at += consumed;
            for (var i = 0; i < samples; i += decoder.Channels) left.Add(pcm[i] / 32768f);
        }

        return Of(left, rate, hertz);
    }

    /// <summary>Leading silence is skipped.</summary>
    public static ToneCheck Of(List<float> samples, int rate, double hertz)
    {
        var start = samples.FindIndex(s => Math.Abs(s) > 0.1f);
        if (start < 0) return new ToneCheck(0, double.NegativeInfinity, 0);
        var snr = new List<double>();
        var jumps = 0;
        double? before = null;
        // The first window holds the beginning, the last the end.
        for (var at = start + WindowFrames; at + (2 * WindowFrames) <= samples.Count; at += WindowFrames)
        {
            var (db, phase) = Fit(samples, at, rate, hertz);
            snr.Add(db);
            if (before is { } last && Math.Abs(Math.IEEERemainder(phase - last, 1)) > 0.02) jumps++;
            before = phase;
        }

        return new ToneCheck(snr.Count, HeardPackets.Percentile(snr, 50), jumps);
    }

    // Least squares on sine and cosine of the absolute position: a continuous tone has the same phase in every window.
    private static (double SnrDb, double Cycles) Fit(List<float> samples, int at, int rate, double hertz)
    {
        double cc = 0, ss = 0, cs = 0, xc = 0, xs = 0, energy = 0;
        for (var i = 0; i < WindowFrames; i++)
        {
            var angle = 2 * Math.PI * hertz * (at + i) / rate;
            var (c, s, x) = (Math.Cos(angle), Math.Sin(angle), (double)samples[at + i]);
            (cc, ss, cs, xc, xs, energy) = (cc + (c * c), ss + (s * s), cs + (c * s), xc + (x * c), xs + (x * s), energy + (x * x));
        }

        var determinant = (cc * ss) - (cs * cs);
        var a = ((xc * ss) - (xs * cs)) / determinant;
        var b = ((xs * cc) - (xc * cs)) / determinant;
        var tone = (a * xc) + (b * xs);
        return (10 * Math.Log10(tone / Math.Max(1e-12, energy - tone)), Math.Atan2(b, a) / (2 * Math.PI));
    }
}
