using Gateway.Engine.Ports;

namespace Gateway.Files;

/// <summary>Sound of our own that arrives as by a clock: the host's. Stereo.</summary>
internal abstract class PacedInput(int sampleRate, TimeProvider time) : IAudioInput
{
    private readonly long _start = time.GetTimestamp();
    private long _read;
    private volatile bool _open = true;

    public int SampleRate => sampleRate;
    public int Channels => 2;
    public bool IsOpen => _open;

    public int Read(Span<float> samples)
    {
        if (!_open) return 0;
        var arrived = (long)((Int128)(time.GetTimestamp() - _start) * sampleRate / time.TimestampFrequency);
        _read = Math.Max(_read, arrived - sampleRate); // who stays away longer than a second loses what is older
        var frames = (int)Math.Min(samples.Length / 2, arrived - _read);
        Fill(_read, samples[..(2 * frames)]);
        _read += frames;
        return frames;
    }

    public virtual void Dispose() => _open = false;

    /// <summary>Runs on the audio thread: no allocation, no waiting.</summary>
    protected abstract void Fill(long position, Span<float> stereo);
}
