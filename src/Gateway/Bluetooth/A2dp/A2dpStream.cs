using Gateway.Native.Libc;

namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// One A2DP stream on its socket: takes float frames, encodes them into packets ahead of time, and a thread of its own sends each at its due
/// time. The writer (one audio thread) and the sender share the ring and four numbers, no lock; neither allocates. A stream that stalls holds up
/// nobody, as each has its own thread.
/// </summary>
internal sealed class A2dpStream : IDisposable
{
    private readonly SbcConfiguration _configuration;
    private readonly PacketWriter _writer;
    private readonly PacketSender _sender;

    /// <param name="ended">Told by the sender's thread, as its last act, why; with the fault where it was one.</param>
    public A2dpStream(StreamLink link, SbcConfiguration configuration, Action<StreamEnd, Exception?> ended)
    {
        _configuration = configuration;
        _writer = new PacketWriter(configuration, link.Mtu);
        _sender = new PacketSender(link, _writer.Packets(), new BitpoolControl(configuration.MinBitpool, configuration.Bitpool), ended);
        _sender.Start();
    }

    public int SampleRate => _configuration.SampleRate;
    public bool IsOpen => _sender.IsOpen;

    /// <summary>Frames that fit now.</summary>
    public int FreeFrames => _writer.FreeFrames;

    public A2dpStatistics Statistics => _sender.Statistics(_writer.SbcFramesPerPacket);

    /// <inheritdoc cref="PacketWriter.Write"/>
    public int Write(ReadOnlySpan<float> stereo, float gain)
    {
        _writer.Bitpool = _sender.Bitpool;
        return _writer.Write(stereo, gain);
    }

    public bool TryReadClock(out Engine.Ports.OutputClock clock) => _sender.TryReadClock(out clock);

    public void Dispose()
    {
        _sender.Dispose();
        _writer.Dispose();
    }
}

/// <summary>The way to one device: its socket with the largest packet that fits, and how it shares the radio with others.</summary>
/// <param name="Device">Its name, for the thread's.</param>
/// <param name="Share">Of the controller's buffers; null: not known, and so no limit.</param>
internal sealed record StreamLink(string Device, PacketSocket Socket, int Mtu, LinkShare? Share, StallWatch Stalls);

/// <summary>Why a stream ended.</summary>
internal enum StreamEnd
{
    /// <summary>We closed it.</summary>
    Closed,

    /// <summary>The other end closed it: a clean disconnect, or the speaker stopped the stream.</summary>
    Gone,

    /// <summary>A fault of ours, which came with it.</summary>
    Faulted,

    /// <summary>By the <see cref="StallWatch"/>'s evidence the speaker is out of range or off, and the link will only die later.</summary>
    Stalled,
}
