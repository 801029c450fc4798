using Gateway.Alignment.Dsp;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>
/// The one microphone: hears every playing loudspeaker through its room, and the room's noise. Rendered in the reader's
/// thread, block by block as time goes by; nothing is done while it is not open.
/// </summary>
internal sealed class SimulatedMicrophone : IAudioInput
{
    private const int Block = PartitionedConvolver.Block;

    /// <summary>A reader that stays away longer than this loses what is older, as with a real capture.</summary>
    private const double KeptNanoseconds = 2.5e9;
    private const double NoiseRms = 0.001; // -60 dBFS: some 30 dB below music at half volume

    private readonly World _world;
    private readonly Acoustics _acoustics;
    private readonly RealFft _fft = new(2 * Block);
    private readonly RoomNoise _noise;
    private readonly Dictionary<SimulatedOutput, PartitionedConvolver> _paths = [];
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _rendered = new float[2 * Block];
    private readonly double _start;
    private readonly double _perSample;
    private long _blocks;
    private int _unread;
    private long _lost; // blocks, not rendered yet
    private volatile bool _open = true;

    public SimulatedMicrophone(World world, Acoustics acoustics, long opened)
    {
        _world = world;
        _acoustics = acoustics;
        _noise = new RoomNoise(SplitMix64.Of(world.Seed, "room", "noise", opened), NoiseRms);
        _re = new float[_fft.Bins];
        _im = new float[_fft.Bins];
        _start = world.Nanoseconds;
        _perSample = 1e9 / (SampleRate * (1 + (SplitMix64.Of(world.Seed, "microphone", "clock").NextBetween(-5, 5) * 1e-6)));
    }

    public int SampleRate => DeviceClock.SampleRate;
    public int Channels => 1;
    public bool IsOpen => _open && !_world.IsClosed;

    public int Read(Span<float> samples)
    {
        var done = 0;
        while (IsOpen && done < samples.Length)
        {
            if (_unread == 0 && !TryRender()) break;
            var count = Math.Min(_unread, samples.Length - done);
            _rendered.AsSpan(_rendered.Length - _unread, count).CopyTo(samples[done..]);
            _unread -= count;
            done += count;
        }

        return done;
    }

    /// <summary>What would be heard in the next milliseconds is not recorded: behind the gap everything stands earlier in the recording. Any thread.</summary>
    public void Lose(double milliseconds) => Interlocked.Add(ref _lost, (long)(milliseconds * SampleRate / 1000 / Block));

    public void Dispose() => _open = false;

    private double TimeOfBlock(long block) => _start + (block * Block * _perSample);

    private bool TryRender()
    {
        var now = _world.Nanoseconds;
        _blocks += Interlocked.Exchange(ref _lost, 0);
        if (TimeOfBlock(_blocks + 1) > now) return false;
        while (TimeOfBlock(_blocks) < now - KeptNanoseconds) _blocks++;

        Array.Clear(_re);
        Array.Clear(_im);
        var playing = _world.Playing;
        foreach (var output in playing)
        {
            if (!_paths.TryGetValue(output, out var path)) _paths[output] = path = new PartitionedConvolver(_acoustics.Of(output.Sink).Samples, _fft);
            if (output.Sink.IsMuffled) path.Input.Clear();
            else output.ReadPlayed(TimeOfBlock(_blocks), _perSample, 0, path.Input);
            path.AddTo(_re, _im);
        }

        if (_paths.Count > playing.Count) Forget(playing);
        _fft.Inverse(_re, _im, _rendered);
        var block = _rendered.AsSpan(Block);
        _noise.AddTo(block);
        foreach (ref var sample in block) sample = Math.Clamp(sample, -1f, 1f);
        _blocks++;
        _unread = Block;
        return true;
    }

    private void Forget(IReadOnlyList<SimulatedOutput> playing)
    {
        foreach (var gone in _paths.Keys.Except(playing).ToList()) _paths.Remove(gone);
    }
}
