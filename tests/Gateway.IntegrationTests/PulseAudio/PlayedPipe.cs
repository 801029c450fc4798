using System.Runtime.InteropServices;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>
/// What a pipe source's microphone "hears": frame n holds n / 2^20 on the first channel and its negative on the second, from 0 on, without end. A
/// float holds these exactly, so a recording can be held against them sample by sample.
/// </summary>
internal sealed class PlayedPipe : IDisposable
{
    public const float Step = 1f / (1 << 20);

    private const int FramesPerWrite = 480;
    private readonly Thread _thread;
    private volatile bool _ended;

    public PlayedPipe(string path, int channels)
    {
        _thread = new Thread(() => Play(path, channels)) { IsBackground = true, Name = "played pipe" };
        _thread.Start();
    }

    public void Dispose()
    {
        _ended = true;
        _thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Play(string path, int channels)
    {
        try
        {
            using var pipe = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            var block = new float[FramesPerWrite * channels];
            // The pipe's own 64 kB hold the writer back to what PulseAudio takes.
            for (var frame = 0; !_ended;)
            {
                for (var i = 0; i < FramesPerWrite; i++, frame++)
                {
                    for (var channel = 0; channel < channels; channel++) block[i * channels + channel] = (channel == 0 ? 1 : -1) * (frame % (1 << 20)) * Step;
                }

                pipe.Write(MemoryMarshal.AsBytes<float>(block));
                Thread.Sleep(10);
            }
        }
        catch (IOException)
        {
            // The server is gone.
        }
    }
}
