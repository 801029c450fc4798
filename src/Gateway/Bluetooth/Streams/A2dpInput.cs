using Gateway.Bluetooth.A2dp;
using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Sound;

namespace Gateway.Bluetooth.Streams;

/// <summary>An Echo or phone that plays to us, as one listener hears it. The receiver's thread fills the buffer, the audio thread reads from it.</summary>
internal sealed class A2dpInput : IAudioInput
{
    private readonly SourceStream _stream;
    private readonly JitterBuffer _buffer;
    private volatile bool _ended;

    // The reader's own.
    private GainRamp _gain;

    public A2dpInput(SourceStream stream)
    {
        _stream = stream;
        _buffer = new JitterBuffer(SampleRate, Channels);
        _gain = new GainRamp(float.NaN, SampleRate);
        stream.Add(_buffer);
    }

    public int SampleRate => _stream.Configuration.SampleRate;
    public int Channels => _stream.Configuration.Channels;
    public bool IsOpen => !_ended && _stream.IsOpen;

    public JitterStatistics Statistics => _buffer.Statistics;

    /// <summary>Times that the device's stream was up and silent, since the device is known.</summary>
    public int Stalls => _stream.Stalls;

    public string? Problem => _stream.Problem;

    public int Read(Span<float> samples)
    {
        var frames = _buffer.Read(AudioThread.NowNanoseconds, samples);
        _gain.Apply(samples[..(frames * Channels)], Channels, _stream.Gain());
        return frames;
    }

    public void Dispose()
    {
        _ended = true;
        _stream.Remove(_buffer);
    }
}
