using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>What an Echo or a phone plays to us: music by the source's own clock, from where it is in its programme.</summary>
internal sealed class SimulatedReceiver : IAudioInput
{
    /// <summary>What waits unread longer than this is lost, as in a real transport.</summary>
    private const int KeptFrames = DeviceClock.SampleRate;

    private readonly World _world;
    private readonly Music _music;
    private readonly DeviceClock _clock;
    private readonly Action<SimulatedReceiver> _disposed;
    private readonly long _programme;
    private long _read;
    private volatile bool _open = true;

    /// <param name="programme">Where the source is in its programme, in frames.</param>
    public SimulatedReceiver(World world, Node source, double ppm, long programme, Action<SimulatedReceiver> disposed)
    {
        _world = world;
        _programme = programme;
        _disposed = disposed;
        _music = new Music(world.Seed, source.Id);
        _clock = new DeviceClock(world.Nanoseconds, ppm);
    }

    public int SampleRate => DeviceClock.SampleRate;
    public int Channels => 2;
    public bool IsOpen => _open;

    public int Read(Span<float> samples)
    {
        if (!_open) return 0;
        var arrived = (long)_clock.FrameAt(_world.Nanoseconds);
        _read = Math.Max(_read, arrived - KeptFrames);
        var frames = (int)Math.Min(samples.Length / 2, arrived - _read);
        _music.Read(_programme + _read, samples[..(2 * frames)]);
        _read += frames;
        return frames;
    }

    public void Dispose()
    {
        Close();
        _disposed(this);
    }

    /// <summary>The link is gone.</summary>
    public void Close() => _open = false;
}
