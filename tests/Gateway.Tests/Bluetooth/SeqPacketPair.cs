using System.Net.Sockets;
using Gateway.Native.Libc;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Tests.Bluetooth;

/// <summary>Two connected packet sockets: ours as BlueZ would hand it over, and the speaker's.</summary>
internal sealed class SeqPacketPair : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tutti-seqpacket-").FullName;
    private readonly Socket _mine;

    public SeqPacketPair()
    {
        using var listener = Open();
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        listener.Listen(1);
        _mine = Open();
        _mine.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        Theirs = listener.Accept();
        Theirs.ReceiveTimeout = 120_000; // ends a hang, judges nothing
        Ours = new PacketSocket(new SafeFileHandle(_mine.Handle, ownsHandle: false));
    }

    public PacketSocket Ours { get; }

    public Socket Theirs { get; }

    public void Dispose()
    {
        Theirs.Dispose();
        _mine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Socket Open() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
}
