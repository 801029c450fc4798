using System.Runtime.InteropServices;
using Gateway.Engine.Ports;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>Carries what the simulated room's microphone hears into a sound server's pipe source, as it comes.</summary>
internal sealed class RoomPipe(string path) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Thread? _thread;
    private volatile bool _drop;

    public void Begin(IAudioInput room)
    {
        _thread = new Thread(() => Carry(room)) { IsBackground = true, Name = "room pipe" };
        _thread.Start();
    }

    /// <summary>What waited while nobody listened would come late, and late is what is measured.</summary>
    public void DropBacklog() => _drop = true;

    public void Dispose()
    {
        _end.Cancel();
        _thread?.Join(TimeSpan.FromSeconds(5));
        _end.Dispose();
    }

    private void Carry(IAudioInput room)
    {
        try
        {
            using var pipe = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            var block = new float[4_800];
            while (!_end.IsCancellationRequested)
            {
                if (_drop)
                {
                    _drop = false;
                    while (room.Read(block) == block.Length)
                    {
                    }
                }

                var frames = room.Read(block);
                pipe.Write(MemoryMarshal.AsBytes(block.AsSpan(0, frames)));
                if (frames == 0) Thread.Sleep(5);
            }
        }
        catch (IOException)
        {
            // The server is gone.
        }
        finally
        {
            room.Dispose();
        }
    }
}
