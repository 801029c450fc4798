using System.Buffers.Binary;

namespace Gateway.Bluetooth.A2dp;

/// <summary>The RTP header of an A2DP packet (RFC 3550 §5.1) and the one byte of SBC payload header behind it (A2DP 1.3 §4.3.4).</summary>
internal static class RtpHeader
{
    public const int Length = 12;

    /// <summary>RTP header and payload header: where the SBC frames begin.</summary>
    public const int SbcOffset = Length + 1;

    /// <summary>The payload header counts frames in four bits.</summary>
    public const int MaxSbcFrames = 15;

    private const byte Version2 = 0x80;
    private const byte DynamicPayloadType = 96;

    /// <summary>Set in the payload header where one SBC frame is spread over packets; MTUs above 130 bytes never need it.</summary>
    private const byte Fragmented = 0x80;

    /// <summary>Writes what does not change from packet to packet.</summary>
    public static void Prepare(Span<byte> packet, int sbcFrames)
    {
        packet[0] = Version2;
        packet[1] = DynamicPayloadType;
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], 1);
        packet[Length] = (byte)sbcFrames;
    }

    public static void Stamp(Span<byte> packet, ushort sequence, uint timestamp)
    {
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
    }

    /// <summary>False where the bytes are no RTP packet with whole SBC frames.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ushort sequence, out uint timestamp, out int sbcOffset)
    {
        (sequence, timestamp, sbcOffset) = (0, 0, 0);
        if (packet.Length <= SbcOffset || (packet[0] & 0xC0) != Version2) return false;
        var header = Length + (4 * (packet[0] & 0x0F)); // contributing sources, which nobody sends
        if (packet.Length <= header + 1 || (packet[header] & Fragmented) != 0 || (packet[0] & 0x10) != 0) return false;
        sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        sbcOffset = header + 1;
        return true;
    }
}
