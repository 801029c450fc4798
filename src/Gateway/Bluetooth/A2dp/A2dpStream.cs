using Gateway.Native.Libc;
using Gateway.Native.Sbc;

namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// One A2DP stream on its socket: takes float frames, encodes them into packets ahead of time, and a thread of its own sends each at its due
/// time. The writer (one audio thread) and the sender share the ring and four numbers, no lock; neither allocates. A stream that stalls holds up
/// nobody, as each has its own thread.
/// </summary>
internal sealed class A2dpStream : IDisposable
{
    /// <summary>Audio that is ready beyond managed code's pauses (a collection stops the writer for tens of milliseconds).</summary>
    private const int AheadMs = 240;

    /// <summary>A full swing of the gain takes 20 ms.</summary>
    private const float GainStep = 1f / 960;

    private readonly SbcConfiguration _configuration;
    private readonly SbcEncoder _encoder;
    private readonly PacketRing _ring;
    private readonly PacketSender _sender;
    private readonly int _sbcFramesPerPacket;

    // The writer's own.
    private readonly short[] _pcm;
    private int _pcmFrames;
    private int _sbcFrames;
    private int _packetBytes;
    private float _gain = float.NaN; // none yet

    /// <param name="share">Of the controller's buffers; null: not known, and so no limit.</param>
    public A2dpStream(PacketSocket socket, LinkShare? share, int mtu, SbcConfiguration configuration, string name, StallWatch stalls, Action<StreamEnd> ended)
    {
        _configuration = configuration;
        _sbcFramesPerPacket = Math.Min(RtpHeader.MaxSbcFrames, (mtu - RtpHeader.SbcOffset) / configuration.FrameLength(configuration.MaxBitpool));
        if (_sbcFramesPerPacket < 1) throw new ArgumentOutOfRangeException(nameof(mtu), mtu, "An SBC frame does not fit into the link's packets.");
        _encoder = new SbcEncoder(configuration.ToBytes());
        _pcm = new short[configuration.SamplesPerFrame * configuration.Channels];
        var grid = new PacketGrid(configuration.SampleRate, _sbcFramesPerPacket * configuration.SamplesPerFrame);
        var slots = (int)((AheadMs * 1_000_000L / grid.PacketNanoseconds) + 2);
        _ring = new PacketRing(slots, mtu);
        Bitpool = new BitpoolControl(configuration.MinBitpool, configuration.MaxBitpool);
        _sender = new PacketSender(socket, share, _ring, grid, SilentPacket(configuration, _sbcFramesPerPacket), Bitpool, name, stalls, ended);
        Begin();
        _sender.Start();
    }

    public int SampleRate => _configuration.SampleRate;
    public bool IsOpen => _sender.IsOpen;
    private BitpoolControl Bitpool { get; }

    /// <summary>Frames that fit now.</summary>
    public int FreeFrames => Math.Max(0, ((_ring.Slots - _ring.Count) * FramesPerPacket) - (_sbcFrames * _configuration.SamplesPerFrame) - _pcmFrames);

    private int FramesPerPacket => _sbcFramesPerPacket * _configuration.SamplesPerFrame;

    public A2dpStatistics Statistics => _sender.Statistics(_sbcFramesPerPacket);

    /// <summary>Takes as many frames of interleaved stereo as fit, scaled by <paramref name="gain"/>, which is approached without a click.</summary>
    public int Write(ReadOnlySpan<float> stereo, float gain)
    {
        var frames = Math.Min(stereo.Length / 2, FreeFrames);
        if (float.IsNaN(_gain)) _gain = gain;
        for (var i = 0; i < frames; i++)
        {
            if (_gain != gain) _gain += Math.Clamp(gain - _gain, -GainStep, GainStep);
            Put(stereo[2 * i] * _gain, stereo[(2 * i) + 1] * _gain);
            if (_pcmFrames == _configuration.SamplesPerFrame) EncodeFrame();
        }

        return frames;
    }

    public bool TryReadClock(out Engine.Ports.OutputClock clock) => _sender.TryReadClock(out clock);

    public void Dispose()
    {
        _sender.Dispose();
        _encoder.Dispose();
    }

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
        _packetBytes += _encoder.Encode(_pcm, _ring.WriteSlot[_packetBytes..]);
        if (++_sbcFrames < _sbcFramesPerPacket) return;
        _ring.Publish(_packetBytes);
        _encoder.Bitpool = _sender.Bitpool; // one bitpool a packet
        Begin();
    }

    private void Begin()
    {
        _sbcFrames = 0;
        _packetBytes = RtpHeader.SbcOffset; // the sender writes what stands before it
    }

    private static byte[] SilentPacket(SbcConfiguration configuration, int sbcFrames)
    {
        using var encoder = new SbcEncoder(configuration.ToBytes());
        var pcm = new short[configuration.SamplesPerFrame * configuration.Channels];
        // The smallest bitpool: silence needs no bits, and the air is free for those who play.
        encoder.Bitpool = configuration.MinBitpool;
        var packet = new byte[RtpHeader.SbcOffset + (sbcFrames * configuration.FrameLength(configuration.MaxBitpool))];
        var length = RtpHeader.SbcOffset;
        for (var i = 0; i < sbcFrames; i++) length += encoder.Encode(pcm, packet.AsSpan(length));
        RtpHeader.Prepare(packet, sbcFrames);
        return packet[..length];
    }
}

/// <summary>Why a stream ended.</summary>
internal enum StreamEnd
{
    /// <summary>We closed it.</summary>
    Closed,

    /// <summary>The other end closed it: a clean disconnect, or the speaker stopped the stream.</summary>
    Gone,

    /// <summary>By the <see cref="StallWatch"/>'s evidence the speaker is out of range or off, and the link will only die later.</summary>
    Stalled,
}
