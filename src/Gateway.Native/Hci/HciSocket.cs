using System.Runtime.InteropServices;
using Gateway.Native.Libc;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Native.Hci;

/// <summary>
/// Listens to which packets a Bluetooth controller has got rid of, beside bluetoothd and without touching anything: a raw HCI socket whose filter
/// lets only the event Number Of Completed Packets through (Bluetooth Core 5.4, Vol 4, Part E, 7.7.19). Needs CAP_NET_RAW: without it Linux opens the
/// socket all the same, and takes that event out of its filter. One reader.
/// </summary>
public sealed partial class HciSocket : IDisposable
{
    private const int AddressFamilyBluetooth = 31;
    private const int SocketRaw = 3;
    private const int SocketCloseOnExec = 0x80000;
    private const int ProtocolHci = 1;
    private const int SolHci = 0;
    private const int HciFilter = 2;
    private const int EventPacket = 4;
    private const int CompletedPackets = 0x13;
    private const uint GetDeviceInfo = 0x800448d3; // HCIGETDEVINFO
    private const int SolL2cap = 6;
    private const int L2capConnectionInfo = 2;

    private readonly PacketSocket _socket;
    private readonly byte[] _event = new byte[260];

    private HciSocket(SafeFileHandle handle, int packetBytes, int packets) => (_socket, PacketBytes, Packets) = (new PacketSocket(handle), packetBytes, packets);

    /// <summary>Data bytes that fit into one of the controller's buffers.</summary>
    public int PacketBytes { get; }

    /// <summary>How many buffers it has, for all its links together.</summary>
    public int Packets { get; }

    /// <param name="device">The n of hciN.</param>
    /// <returns>Null where the system does not allow it, or there is no such controller.</returns>
    public static unsafe HciSocket? TryOpen(int device)
    {
        var handle = Socket(AddressFamilyBluetooth, SocketRaw | SocketCloseOnExec, ProtocolHci);
        if (handle.IsInvalid) return null;
        var filter = new Filter { Types = 1u << EventPacket, EventsLow = 1u << CompletedPackets };
        var address = new Address { Family = AddressFamilyBluetooth, Device = (ushort)device };
        var info = new DeviceInfo { Device = (ushort)device };
        var length = (uint)sizeof(Filter);
        if (SetOption(handle, SolHci, HciFilter, &filter, (uint)sizeof(Filter)) == 0
            && GetOption(handle, SolHci, HciFilter, &filter, &length) == 0 && (filter.EventsLow & (1u << CompletedPackets)) != 0 && Bind(handle, &address, (uint)sizeof(Address)) == 0
            && Control(handle, GetDeviceInfo, &info) == 0 && info is { AclPackets: > 0, AclBytes: > 0 })
        {
            return new HciSocket(handle, info.AclBytes, info.AclPackets);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>The controller's number for the link that an L2CAP socket runs over; null: it is no such socket, or has no link.</summary>
    public static unsafe ushort? LinkOf(SafeHandle l2cap)
    {
        var info = new ConnectionInfo();
        var length = (uint)sizeof(ConnectionInfo);
        return GetOption(l2cap, SolL2cap, L2capConnectionInfo, &info, &length) == 0 ? info.Handle : null;
    }

    /// <summary>Waits for an event and tells each link in it with the packets that are gone. False: the controller is.</summary>
    public bool Read(int timeoutMs, Action<ushort, int> completed)
    {
        switch (_socket.WaitReadable(timeoutMs))
        {
            case PacketResult.Gone: return false;
            case PacketResult.WouldBlock: return true;
        }

        var result = _socket.Receive(_event, out var length);
        if (result != PacketResult.Done) return result == PacketResult.WouldBlock;
        Parse(_event.AsSpan(0, length), completed);
        return true;
    }

    /// <summary>Packet type, event, length, count of links, then of each its handle and its packets. What is cut short or something else tells nothing.</summary>
    public static void Parse(ReadOnlySpan<byte> packet, Action<ushort, int> completed)
    {
        if (packet.Length < 4 || packet[0] != EventPacket || packet[1] != CompletedPackets) return;
        for (var (i, at) = (0, 4); i < packet[3] && at + 4 <= packet.Length; i++, at += 4)
            completed((ushort)(BitConverter.ToUInt16(packet[at..]) & 0xFFF), BitConverter.ToUInt16(packet[(at + 2)..]));
    }

    public void Dispose() => _socket.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct Filter
    {
        public uint Types;
        public uint EventsLow;
        public uint EventsHigh;
        public ushort Opcode;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Address
    {
        public ushort Family;
        public ushort Device;
        public ushort Channel;
    }

    /// <summary>struct hci_dev_info; only what is used has a name.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 92)]
    private struct DeviceInfo
    {
        [FieldOffset(0)] public ushort Device;
        [FieldOffset(44)] public ushort AclBytes;
        [FieldOffset(46)] public ushort AclPackets;
    }

    /// <summary>struct l2cap_conninfo.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 6)]
    private struct ConnectionInfo
    {
        [FieldOffset(0)] public ushort Handle;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial SafeFileHandle Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static unsafe partial int Bind(SafeHandle socket, Address* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static unsafe partial int SetOption(SafeHandle socket, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static unsafe partial int GetOption(SafeHandle socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int Control(SafeHandle socket, nuint request, void* argument);
}
