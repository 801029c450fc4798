using Gateway.Bluetooth.Streams;
using Gateway.Native.Libc;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>Plays one endless tone to all outputs, as playback would: a thread of its own that fills whatever room there is.</summary>
internal sealed class ToneFeeder : IDisposable
{
    public const double Hertz = 997;
    public const float Amplitude = 0.5f;

    private readonly Lock _lock = new();
    private readonly List<(A2dpOutput Output, long[] Position)> _outputs = [];
    private readonly float[] _block = new float[2 * 4_096];
    private readonly Thread _thread;
    private volatile bool _stop;

    public ToneFeeder()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "feeder" };
        _thread.Start();
    }

    public void Add(A2dpOutput output)
    {
        lock (_lock) _outputs.Add((output, new long[1]));
    }

    public void Remove(A2dpOutput output)
    {
        lock (_lock) _outputs.RemoveAll(o => o.Output == output);
        output.Dispose();
    }

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        foreach (var (output, _) in _outputs) output.Dispose();
    }

    private void Run()
    {
        while (!_stop)
        {
            lock (_lock)
            {
                foreach (var (output, position) in _outputs) Fill(output, position);
            }

            AudioThread.SleepUntil(AudioThread.NowNanoseconds + 10_000_000);
        }
    }

    private void Fill(A2dpOutput output, long[] position)
    {
        var frames = Math.Min(output.FreeFrames, _block.Length / 2);
        for (var i = 0; i < frames; i++)
        {
            // The phase from the position itself: no error adds up.
            var cycles = (position[0] + i) * Hertz / output.SampleRate;
            _block[2 * i] = _block[(2 * i) + 1] = Amplitude * (float)Math.Sin(2 * Math.PI * (cycles - Math.Floor(cycles)));
        }

        position[0] += output.Write(_block.AsSpan(0, 2 * frames));
    }
}
