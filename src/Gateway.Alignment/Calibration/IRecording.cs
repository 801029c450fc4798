namespace Gateway.Alignment.Calibration;

/// <summary>A recording that can be read piece by piece, so that its length does not matter.</summary>
public interface IRecording
{
    /// <summary>In Hz, nominal.</summary>
    int SampleRate { get; }

    /// <summary>1 and up.</summary>
    int Channels { get; }

    /// <summary>Samples per channel.</summary>
    long Frames { get; }

    /// <summary>Copies whole frames from one on, as many as there are and fit; returns their number.</summary>
    /// <param name="fromFrame">0 and up.</param>
    /// <param name="interleaved">Full scale = 1.</param>
    int Read(long fromFrame, Span<float> interleaved);
}

/// <summary>A recording in memory.</summary>
public sealed class MemoryRecording(ReadOnlyMemory<float> samples, int channels, int sampleRate) : IRecording
{
    public int SampleRate => sampleRate;

    public int Channels => channels;

    public long Frames => samples.Length / channels;

    public int Read(long fromFrame, Span<float> interleaved)
    {
        var frames = (int)Math.Clamp(Frames - fromFrame, 0, interleaved.Length / channels);
        if (frames > 0) samples.Span.Slice((int)fromFrame * channels, frames * channels).CopyTo(interleaved);
        return frames;
    }
}
