using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Native.Libc;

/// <summary>What became of a packet.</summary>
public enum PacketResult
{
    /// <summary>Sent or received whole.</summary>
    Done,

    /// <summary>The socket takes (or has) nothing now.</summary>
    WouldBlock,

    /// <summary>The other end is gone for good.</summary>
    Gone,
}

/// <summary>
/// A connected packet socket (SOCK_SEQPACKET) that somebody handed us, such as BlueZ's for a stream: one call is one packet, nothing here
/// blocks but the two waits, nothing allocates. One thread sends, one receives; <see cref="Dispose"/> after both have ended.
/// </summary>
public sealed class PacketSocket(SafeFileHandle handle) : IDisposable
{
    public unsafe PacketResult Send(ReadOnlySpan<byte> packet)
    {
        fixed (byte* data = packet)
        {
            while (LibC.Send(handle, data, (nuint)packet.Length, LibC.MsgDontWait | LibC.MsgNoSignal) < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == LibC.Interrupted) continue;
                // The kernel's Bluetooth sockets run out of buffers before they run out of queue: both pass by themselves.
                return error is LibC.Again or LibC.NoMemory or LibC.NoBuffers ? PacketResult.WouldBlock : PacketResult.Gone;
            }
        }

        return PacketResult.Done;
    }

    /// <summary>One packet; longer ones are cut to the buffer.</summary>
    public unsafe PacketResult Receive(Span<byte> buffer, out int length)
    {
        length = 0;
        fixed (byte* data = buffer)
        {
            while (true)
            {
                var received = LibC.Receive(handle, data, (nuint)buffer.Length, LibC.MsgDontWait);
                if (received > 0)
                {
                    length = (int)received;
                    return PacketResult.Done;
                }

                if (received == 0) return PacketResult.Gone;
                var error = Marshal.GetLastPInvokeError();
                if (error == LibC.Interrupted) continue;
                return error == LibC.Again ? PacketResult.WouldBlock : PacketResult.Gone;
            }
        }
    }

    /// <summary>Waits until the socket takes a packet. <see cref="PacketResult.WouldBlock"/>: the time is up.</summary>
    public PacketResult WaitWritable(int timeoutMs) => Wait(LibC.PollOut, timeoutMs);

    /// <summary>Waits until a packet is there. <see cref="PacketResult.WouldBlock"/>: the time is up.</summary>
    public PacketResult WaitReadable(int timeoutMs) => Wait(LibC.PollIn, timeoutMs);

    /// <summary>How much the kernel may hold for us; it rounds and doubles as it likes, so a refusal is no fault.</summary>
    public void LimitSendBuffer(int bytes) => _ = LibC.SetSocketOption(handle, LibC.SolSocket, LibC.SoSendBuffer, in bytes, sizeof(int));

    public void Dispose() => handle.Dispose();

    private PacketResult Wait(short events, int timeoutMs)
    {
        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            var poll = new LibC.PollFd { Fd = (int)handle.DangerousGetHandle(), Events = events };
            var ready = LibC.Poll(ref poll, 1, timeoutMs);
            if (ready <= 0) return PacketResult.WouldBlock;
            // Readable data comes first: what arrived before the hang-up is still sound.
            if ((poll.Returned & events) != 0 && (events == LibC.PollIn || (poll.Returned & LibC.PollErrorHangUpInvalid) == 0)) return PacketResult.Done;
            return PacketResult.Gone;
        }
        catch (ObjectDisposedException)
        {
            return PacketResult.Gone;
        }
        finally
        {
            if (added) handle.DangerousRelease();
        }
    }
}
