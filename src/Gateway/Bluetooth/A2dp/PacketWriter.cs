using Gateway.Native.Sbc;
using Gateway.Sound;

namespace Gateway.Bluetooth.A2dp;

/// <summary>The packets of a stream: those that are written, when each is due, and what goes out where none was written in time.</summary>
internal sealed record WrittenPackets(PacketRing Ring, PacketGrid Grid, byte[] Silence);

/// <summary>The writing half of a stream: float frames in, whole packets in the ring. One audio thread; allocates nothing once it is made.</summary>
internal sealed class PacketWriter : IDisposable
{
    /// <summary>Audio that is ready beyond managed code's pauses (a collection stops the writer for tens of milliseconds).</summary>
    private const int AheadMs = 240;

    private readonly SbcConfiguration _configuration;
    private readonly SbcEncoder _encoder;
    private readonly short[] _pcm;
    private int _pcmFrames;
    private int _sbcFrames;
    private int _packetBytes;
    private GainRamp _gain; // its first is the one that is wanted then

    /// <exception cref="ArgumentOutOfRangeException">Not one SBC frame fits into a packet.</exception>
    public PacketWriter(SbcConfiguration configuration, int mtu)
    {
        _configuration = configuration;
        _gain = new GainRamp(float.NaN, configuration.SampleRate);
        SbcFramesPerPacket = Math.Min(RtpHeader.MaxSbcFrames, (mtu - RtpHeader.SbcOffset) / configuration.FrameLength(configuration.Bitpool));
        if (SbcFramesPerPacket < 1) throw new ArgumentOutOfRangeException(nameof(mtu), mtu, "An SBC frame does not fit into the link's packets.");
        _encoder = new SbcEncoder(configuration.ToBytes()) { Bitpool = configuration.Bitpool };
        Bitpool = configuration.Bitpool;
        _pcm = new short[configuration.SamplesPerFrame * configuration.Channels];
        Grid = new PacketGrid(configuration.SampleRate, SbcFramesPerPacket * configuration.SamplesPerFrame);
        Ring = new PacketRing((int)((AheadMs * 1_000_000L / Grid.PacketNanoseconds) + 2), mtu);
        Begin();
    }

    public PacketRing Ring { get; }
    public PacketGrid Grid { get; }
    public int SbcFramesPerPacket { get; }

    /// <summary>What the next packets are encoded with; one bitpool a packet.</summary>
    public int Bitpool { get; set; }

    /// <summary>Frames that fit now.</summary>
    public int FreeFrames => Math.Max(0, ((Ring.Slots - Ring.Count) * Grid.FramesPerPacket) - (_sbcFrames * _configuration.SamplesPerFrame) - _pcmFrames);

    /// <summary>Takes as many frames of interleaved stereo as fit, scaled by <paramref name="gain"/>, which is approached without a click.</summary>
    /// <exception cref="InvalidOperationException">The codec refuses a frame: nothing can be sent on this stream any more.</exception>
    public int Write(ReadOnlySpan<float> stereo, float gain)
    {
        var frames = Math.Min(stereo.Length / 2, FreeFrames);
        for (var i = 0; i < frames; i++)
        {
            var now = _gain.Next(gain);
            Put(stereo[2 * i] * now, stereo[(2 * i) + 1] * now);
            if (_pcmFrames == _configuration.SamplesPerFrame) EncodeFrame();
        }

        return frames;
    }

    /// <summary>A packet of silence, for gaps. The smallest bitpool: it needs no bits, and the air is free for those who play.</summary>
    public byte[] SilentPacket()
    {
        using var encoder = new SbcEncoder(_configuration.ToBytes()) { Bitpool = _configuration.MinBitpool };
        var packet = new byte[RtpHeader.SbcOffset + (SbcFramesPerPacket * _configuration.FrameLength(_configuration.MinBitpool))];
        var (length, silence) = (RtpHeader.SbcOffset, new short[_pcm.Length]);
        for (var i = 0; i < SbcFramesPerPacket; i++) length += Encode(encoder, silence, packet.AsSpan(length));
        RtpHeader.Prepare(packet, SbcFramesPerPacket);
        return packet[..length];
    }

    /// <summary>What a sender needs of it.</summary>
    public WrittenPackets Packets() => new(Ring, Grid, SilentPacket());

    public void Dispose() => _encoder.Dispose();

    private void Put(float left, float right)
    {
        if (_configuration.Channels == 1)
        {
            _pcm[_pcmFrames++] = ToPcm((left + right) * 0.5f);
            return;
        }

        _pcm[2 * _pcmFrames] = ToPcm(left);
        _pcm[(2 * _pcmFrames) + 1] = ToPcm(right);
        _pcmFrames++;
    }

    // A sample that is no number is silence, not a crack at full scale.
    private static short ToPcm(float sample) => float.IsNaN(sample) ? (short)0 : (short)Math.Clamp(MathF.Round(sample * 32767f), short.MinValue, short.MaxValue);

    private void EncodeFrame()
    {
        _pcmFrames = 0;
        _packetBytes += Encode(_encoder, _pcm, Ring.WriteSlot[_packetBytes..]);
        if (++_sbcFrames < SbcFramesPerPacket) return;
        Ring.Publish(_packetBytes);
        Begin();
    }

    private static int Encode(SbcEncoder encoder, ReadOnlySpan<short> pcm, Span<byte> output) =>
        encoder.Encode(pcm, output) is > 0 and var length ? length : throw new InvalidOperationException($"The SBC codec refuses a frame with a bitpool of {encoder.Bitpool}.");

    private void Begin()
    {
        _encoder.Bitpool = Bitpool;
        _sbcFrames = 0;
        _packetBytes = RtpHeader.SbcOffset; // the sender writes what stands before it
    }
}
