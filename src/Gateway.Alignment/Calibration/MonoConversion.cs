using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>Whole mono recordings through the stereo resampler.</summary>
internal static class MonoConversion
{
    private const int BlockFrames = 4096;

    /// <summary>Fills what the recording reaches; returns the frames written.</summary>
    public static int Convert(ReadOnlySpan<float> mono, Span<float> output, double ratio, Resampler resampler)
    {
        var (input, block) = (new float[2 * BlockFrames], new float[2 * BlockFrames]);
        var (at, written) = (0, 0);
        while (written < output.Length)
        {
            var offered = Math.Min(BlockFrames, mono.Length - at);
            for (var i = 0; i < offered; i++)
                input[2 * i] = mono[at + i];
            var wanted = Math.Min(BlockFrames, output.Length - written);
            var frames = resampler.Process(input.AsSpan(0, 2 * offered), block.AsSpan(0, 2 * wanted), ratio, out var consumed);
            for (var i = 0; i < frames; i++)
                output[written + i] = block[2 * i];
            at += consumed;
            written += frames;
            if (frames == 0 && consumed == 0)
                break;
        }

        return written;
    }

    /// <summary>A recording of any rate at 48 kHz.</summary>
    public static float[] To48KHz(float[] mono, int sampleRate)
    {
        if (sampleRate == Probe.SampleRate)
            return mono;

        var resampler = new Resampler(sampleRate, Probe.SampleRate);
        var output = new float[(int)(mono.Length / resampler.NominalRatio)];
        Convert(mono, output, resampler.NominalRatio, resampler);
        return output;
    }
}
