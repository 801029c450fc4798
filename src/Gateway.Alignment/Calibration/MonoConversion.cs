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

    /// <summary>Sample m of the segment is the recording's sample m × rate: what a recorder with a true clock would have delivered. Silent beyond the end.</summary>
    public static void Stretch(ReadOnlySpan<float> recording, Span<float> segment, double rate)
    {
        segment.Clear();
        if (Math.Abs(rate - 1) < 1e-9)
            recording[..Math.Min(segment.Length, recording.Length)].CopyTo(segment);
        else
            Convert(recording, segment, rate, new Resampler());
    }

    /// <summary>A recording of any rate at 48 kHz.</summary>
    public static float[] To48KHz(float[] mono, int sampleRate) => ToRate(mono, sampleRate, Probe.SampleRate);

    public static float[] ToRate(float[] mono, int fromRate, int toRate)
    {
        if (fromRate == toRate)
            return mono;

        var resampler = new Resampler(fromRate, toRate);
        var output = new float[(int)(mono.Length / resampler.NominalRatio)];
        Convert(mono, output, resampler.NominalRatio, resampler);
        return output;
    }
}
