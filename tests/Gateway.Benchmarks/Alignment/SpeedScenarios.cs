using System.Diagnostics;
using Gateway.Alignment.Calibration;
using Gateway.Alignment.Dsp;

namespace Gateway.Benchmarks.Alignment;

/// <summary>What docs/measuring.md §6 promises about speed, on one core. The best of many runs: other processes only ever slow one down.</summary>
internal static class SpeedScenarios
{
    private const int FftLength = 1 << 16;

    /// <summary>Our transform and FFTW's, turn by turn.</summary>
    public static ScenarioResult Fft()
    {
        var noise = Noise(2 * FftLength);
        var (re, im) = (noise[..FftLength], noise[FftLength..]);
        var fft = new Fft(FftLength);
        using var fftw = TryCreateFftw(noise);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var run = 0; run < 400; run++)
        {
            // Each run starts from the same numbers: repeated transforms would overflow.
            noise.AsSpan(0, FftLength).CopyTo(re);
            noise.AsSpan(FftLength).CopyTo(im);
            ours.Add(Milliseconds(() => fft.Forward(re, im)));
            if (fftw is not null)
                theirs.Add(Milliseconds(fftw.Transform));
        }

        var (our, their) = (ours.Min(), theirs.DefaultIfEmpty().Min());
        return Speed("fft-2^16", fftw is not null && our <= 5 * their && our <= 0.8, ("fft_ms", our), ("fftw_ms", fftw is null ? double.NaN : their), ("times_fftw", our / their));
    }

    public static ScenarioResult Resampler()
    {
        var input = Noise(2 * 48_000);
        var output = new float[2 * 480];
        var resampler = new Resampler();
        var speeds = new List<double>();
        for (var round = 0; round < 300; round++)
        {
            var milliseconds = Milliseconds(() =>
            {
                for (int at = 0, block = 0; block < 100; block++)
                {
                    at = at + 2 * 600 > input.Length ? 0 : at;
                    resampler.Process(input.AsSpan(at, 2 * 600), output, 1.0001, out var consumed);
                    at += 2 * consumed;
                }
            });
            speeds.Add(1_000 / milliseconds);
        }

        var speed = speeds.Max();
        var residuals = new[] { Residual(48_000, 48_000), Residual(48_000, 44_100), Residual(44_100, 48_000) };
        return Speed("resampler", speed >= 500 && residuals.Max() <= -100, ("times_real_time", speed),
            ("residual_48_48_db", residuals[0]), ("residual_48_44_db", residuals[1]), ("residual_44_48_db", residuals[2]));
    }

    /// <summary>The whitened estimate of eight speakers in one recording of 2^18 samples, their probes prepared before.</summary>
    public static ScenarioResult Estimate()
    {
        var estimator = new ArrivalEstimator(1 << 18);
        var recording = Noise(1 << 18);
        var spectra = Enumerable.Range(0, 8).Select(code => estimator.Prepare(Probe.Create(code, 1 << 17))).ToArray();
        var times = Enumerable.Range(0, 15).Select(_ => Milliseconds(() =>
        {
            estimator.Load(recording);
            foreach (var spectrum in spectra)
                estimator.Estimate(spectrum, 0, 16_800);
        })).ToArray();
        var milliseconds = times.Min();
        return Speed("estimate-8", milliseconds <= 200, ("estimate_ms", milliseconds));
    }

    /// <summary>The worst of tones from 1 to 18 kHz at three corrections.</summary>
    private static double Residual(int inputRate, int outputRate)
    {
        var worst = double.NegativeInfinity;
        foreach (var hertz in new[] { 1_000.0, 5_000, 10_000, 15_000, 18_000 })
        foreach (var ppm in new[] { -100.0, 40, 500 })
        {
            var ratio = (double)inputRate / outputRate * (1 + ppm * 1e-6);
            var input = new float[2 * 30_000];
            for (var n = 0; n < input.Length / 2; n++)
                input[2 * n] = (float)(0.9 * Math.Sin(2 * Math.PI * hertz * n / inputRate));
            var output = new float[2 * 25_000];
            var frames = new Resampler(inputRate, outputRate).Process(input, output, ratio, out _);
            worst = Math.Max(worst, ToneResidual.Decibels(output[..(2 * frames)], hertz * ratio / inputRate));
        }

        return worst;
    }

    private static Fftw? TryCreateFftw(float[] data)
    {
        try
        {
            return new Fftw(FftLength, data);
        }
        catch (DllNotFoundException)
        {
            Console.Error.WriteLine("FFTW is missing, so there is nothing to compare with: install Debian's libfftw3-single3.");
            return null;
        }
    }

    private static float[] Noise(int length)
    {
        var random = new Gateway.Alignment.Acoustics.SplitMix64(9);
        var noise = new float[length];
        foreach (ref var x in noise.AsSpan())
            x = (float)(random.NextUniform() - 0.5);
        return noise;
    }

    private static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static ScenarioResult Speed(string name, bool pass, params (string, double)[] figures) => new(name, 1, null, null, null, null, null, pass, figures);
}
