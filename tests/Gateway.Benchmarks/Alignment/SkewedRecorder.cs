using Gateway.Alignment.Dsp;

namespace Gateway.Benchmarks.Alignment;

internal static class SkewedRecorder
{
    /// <summary>The signal as a recorder delivers it whose clock runs fast by so many ppm: more samples for the same time.</summary>
    public static float[] Record(ReadOnlySpan<float> signal, double skewPpm)
    {
        if (skewPpm == 0)
            return signal.ToArray();

        return Read(signal, 1 / (1 + skewPpm * 1e-6));
    }

    /// <summary>Sample m of the result is the signal's at m × ratio; as long as the signal, silent beyond its end.</summary>
    public static float[] Read(ReadOnlySpan<float> signal, double ratio)
    {
        var stereo = new float[2 * signal.Length];
        for (var n = 0; n < signal.Length; n++)
            stereo[2 * n] = signal[n];
        var output = new float[2 * signal.Length];
        var frames = new Resampler().Process(stereo, output, ratio, out _);
        var samples = new float[signal.Length];
        for (var n = 0; n < frames; n++)
            samples[n] = output[2 * n];
        return samples;
    }
}
