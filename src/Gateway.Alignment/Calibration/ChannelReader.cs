namespace Gateway.Alignment.Calibration;

/// <summary>One channel of a recording, cut out by whole seconds.</summary>
internal sealed class ChannelReader(IRecording recording, int channel)
{
    private const int BlockFrames = 16_384;

    /// <summary>Seconds, the last one counted whole.</summary>
    public double Seconds => (double)recording.Frames / recording.SampleRate;

    /// <summary>As recorded, at the recording's own rate.</summary>
    public float[] ReadRaw(int fromSecond, int seconds)
    {
        var from = (long)fromSecond * recording.SampleRate;
        var mono = new float[Math.Clamp(recording.Frames - from, 0, (long)seconds * recording.SampleRate)];
        var block = new float[BlockFrames * recording.Channels];
        for (var filled = 0; filled < mono.Length;)
        {
            var frames = Math.Min(recording.Read(from + filled, block), mono.Length - filled);
            if (frames == 0)
                break;

            for (var i = 0; i < frames; i++)
                mono[filled + i] = block[i * recording.Channels + channel];
            filled += frames;
        }

        return mono;
    }

    /// <summary>As recorded, without offset, with a peak of 1.</summary>
    public float[] ReadNormalised(int fromSecond, int seconds) => Normalise(ReadRaw(fromSecond, seconds));

    /// <summary>At 48 kHz, without offset, with a peak of 1.</summary>
    public float[] Read48KHz(int fromSecond, int seconds) => To48KHz(ReadRaw(fromSecond, seconds));

    /// <summary>The same of what <see cref="ReadRaw"/> gave, which is changed.</summary>
    public float[] To48KHz(float[] raw) => MonoConversion.To48KHz(Normalise(raw), recording.SampleRate);

    /// <summary>Floating-point files may hold any scale, and powers of extreme ones leave single precision.</summary>
    private static float[] Normalise(float[] mono)
    {
        var sum = 0.0;
        foreach (var sample in mono)
            sum += sample;
        var mean = sum / Math.Max(1, mono.Length);
        var peak = 0.0;
        foreach (var sample in mono)
            peak = Math.Max(peak, Math.Abs(sample - mean));
        if (peak > 0)
        {
            foreach (ref var sample in mono.AsSpan())
                sample = (float)((sample - mean) / peak);
        }

        return mono;
    }
}
