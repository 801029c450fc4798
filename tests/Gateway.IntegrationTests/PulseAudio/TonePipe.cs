using System.Diagnostics;
using System.Runtime.InteropServices;
using Gateway.PulseAudio;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>What a pipe source's device plays: a tone on either side, 48 kHz float32, at the pace of a real one.</summary>
internal sealed class TonePipe : IDisposable
{
    private const double Left = 1000;
    private const double Right = 1500;
    private const float Level = 0.25f;

    private readonly Thread _thread;
    private volatile bool _ended;

    public TonePipe(string path)
    {
        _thread = new Thread(() => Play(path)) { IsBackground = true, Name = "tone pipe" };
        _thread.Start();
    }

    /// <summary>How much of a sound's power is a tone of this frequency, 0 to 1.</summary>
    private static double ShareOf(double frequency, ReadOnlySpan<float> stereo, int channel)
    {
        double cosine = 0, sine = 0, power = 0;
        var frames = stereo.Length / 2;
        for (var i = 0; i < frames; i++)
        {
            var sample = stereo[(2 * i) + channel];
            var (sin, cos) = Math.SinCos(2 * Math.PI * frequency * i / 48_000);
            (cosine, sine, power) = (cosine + (sample * cos), sine + (sample * sin), power + (sample * sample));
        }

        return power < 1e-9 ? 0 : 2 * ((cosine * cosine) + (sine * sine)) / (frames * power);
    }

    /// <summary>Waits until a sink gets the tones, each on its side, and nothing else.</summary>
    public static async Task HearAsync(PulseServer server, string sink)
    {
        using var monitor = PulseMicrophone.Open($"{sink}.monitor", server.Address);
        var block = new float[2 * 9_600];
        var held = 0;
        var (left, right) = (0.0, 0.0);
        await Eventually.TrueAsync(() => $"the tones in {sink}; of it there were {left:0.000} and {right:0.000}", () =>
        {
            held += monitor.Read(block.AsSpan(2 * held));
            if (2 * held < block.Length) return false;
            held = 0;
            (left, right) = (ShareOf(Left, block, 0), ShareOf(Right, block, 1));
            return left > 0.99 && right > 0.99;
        }, 30);
    }

    public void Dispose()
    {
        _ended = true;
        _thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Play(string path)
    {
        try
        {
            using var pipe = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            var since = Stopwatch.GetTimestamp();
            for (long frame = 0; !_ended; Thread.Sleep(5))
            {
                var due = (int)Math.Min((long)(Stopwatch.GetElapsedTime(since).TotalSeconds * 48_000) - frame, 4_800);
                var block = new float[2 * due];
                for (var i = 0; i < due; i++, frame++)
                {
                    block[2 * i] = Level * (float)Math.Sin(2 * Math.PI * Left * frame / 48_000);
                    block[(2 * i) + 1] = Level * (float)Math.Sin(2 * Math.PI * Right * frame / 48_000);
                }

                pipe.Write(MemoryMarshal.AsBytes<float>(block));
            }
        }
        catch (IOException)
        {
            // The server is gone.
        }
    }
}
