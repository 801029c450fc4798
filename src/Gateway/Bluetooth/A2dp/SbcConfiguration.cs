namespace Gateway.Bluetooth.A2dp;

/// <summary>How an SBC frame carries two channels.</summary>
internal enum SbcChannelMode
{
    Mono,
    DualChannel,
    Stereo,
    JointStereo,
}

/// <summary>
/// One agreed SBC configuration: the four "codec specific information elements" of A2DP 1.3 §4.3.2, which are also how capabilities are
/// written, with more than one bit set in each field.
/// </summary>
internal sealed record SbcConfiguration
{
    /// <summary>Everything that SBC knows: 16-48 kHz, all channel modes, 4-16 blocks, 4 and 8 subbands, both allocations, bitpool 2-53.</summary>
    public static ReadOnlySpan<byte> AllCapabilities => [0xFF, 0xFF, 2, 53];

    // A2DP 1.3 table 4.7, "high quality": bitpool 53 at 44.1 kHz and 51 at 48 kHz for joint stereo, 31 and 29 for one channel.
    private const int HighQualityJoint441 = 53, HighQualityJoint48 = 51, HighQualityMono441 = 31, HighQualityMono48 = 29;

    // The same table, "middle quality".
    private const int MiddleQualityJoint441 = 35, MiddleQualityJoint48 = 33, MiddleQualityMono441 = 19, MiddleQualityMono48 = 18;

    /// <summary>SBC itself (A2DP 1.3 §12.6): 16 a subband for each channel that stands alone, 32 where two share, and never above 250.</summary>
    private const int MaxSbcBitpool = 250, BitpoolPerSubbandAlone = 16, BitpoolPerSubbandShared = 32;

    /// <summary>A2DP 1.3 §12.9: what a sender may make of it at most.</summary>
    private const int MaxBitRateMono = 320_000, MaxBitRateTwoChannels = 512_000;

    private const byte Bit441 = 0x20;
    private static readonly (byte Bit, int Hertz)[] s_rates = [(0x10, 48_000), (Bit441, 44_100), (0x40, 32_000), (0x80, 16_000)];
    private static readonly (byte Bit, SbcChannelMode Mode)[] s_modes =
        [(0x01, SbcChannelMode.JointStereo), (0x02, SbcChannelMode.Stereo), (0x04, SbcChannelMode.DualChannel), (0x08, SbcChannelMode.Mono)];
    private static readonly (byte Bit, int Blocks)[] s_blocks = [(0x10, 16), (0x20, 12), (0x40, 8), (0x80, 4)];
    private static readonly (byte Bit, int Subbands)[] s_subbands = [(0x04, 8), (0x08, 4)];

    public required int SampleRate { get; init; }
    public required SbcChannelMode Mode { get; init; }
    public required int Blocks { get; init; }
    public required int Subbands { get; init; }
    public required bool Loudness { get; init; }
    public required int MinBitpool { get; init; }
    public required int MaxBitpool { get; init; }

    public int Channels => Mode == SbcChannelMode.Mono ? 1 : 2;

    /// <summary>Audio frames (samples of each channel) in one SBC frame.</summary>
    public int SamplesPerFrame => Blocks * Subbands;

    /// <summary>The highest bitpool to send with: the agreed one, as far as its bit rate is one that A2DP allows.</summary>
    public int Bitpool => HighestWithin(MinBitpool, MaxBitpool);

    private long BitRate(int bitpool) => 8L * FrameLength(bitpool) * SampleRate / SamplesPerFrame;

    private bool IsWithinBitRate(int bitpool) => BitRate(bitpool) <= (Channels == 1 ? MaxBitRateMono : MaxBitRateTwoChannels);

    private int HighestWithin(int low, int high)
    {
        while (high > low && !IsWithinBitRate(high)) high--;
        return high;
    }

    /// <summary>The highest bitpool that we take: what we offered, and what SBC knows for this mode and these subbands.</summary>
    private int Limit => Math.Min(AllCapabilities[3], Math.Min(MaxSbcBitpool, Subbands * (IsSingle(Mode) ? BitpoolPerSubbandAlone : BitpoolPerSubbandShared)));

    /// <summary>Bytes of one SBC frame at a bitpool (A2DP 1.3 §12.9).</summary>
    public int FrameLength(int bitpool)
    {
        var header = 4 + (4 * Subbands * Channels / 8);
        return Mode switch
        {
            SbcChannelMode.Mono or SbcChannelMode.DualChannel => header + Bytes(Blocks * Channels * bitpool),
            SbcChannelMode.JointStereo => header + Bytes(Subbands + (Blocks * bitpool)),
            _ => header + Bytes(Blocks * bitpool),
        };
    }

    private static int Bytes(int bits) => (bits + 7) / 8;

    /// <summary>The best of what a peer can do (48 kHz first, then joint stereo), or null where its capabilities are no SBC capabilities.</summary>
    /// <param name="plain">S5: the plainest instead, 44.1 kHz at middle quality, which every phone has offered since there is A2DP.</param>
    public static SbcConfiguration? Choose(ReadOnlySpan<byte> capabilities, bool plain = false)
    {
        if (capabilities.Length < 4) return null;
        var (first, second, min, max) = (capabilities[0], capabilities[1], capabilities[2], capabilities[3]);
        var rate = plain && (first & Bit441) != 0 ? 44_100 : s_rates.FirstOrDefault(r => (first & r.Bit) != 0).Hertz;
        var mode = s_modes.FirstOrDefault(m => (first & m.Bit) != 0);
        var blocks = s_blocks.FirstOrDefault(b => (second & b.Bit) != 0).Blocks;
        var subbands = s_subbands.FirstOrDefault(s => (second & s.Bit) != 0).Subbands;
        if (rate == 0 || mode.Bit == 0 || blocks == 0 || subbands == 0 || (second & 3) == 0) return null;
        var low = Math.Max(2, (int)min);
        var high = Math.Min(plain ? MiddleQuality(rate, mode.Mode) : HighQuality(rate, mode.Mode), (int)max);
        if (plain) high = Math.Max(high, low); // a peer that wants more than middle quality gets the least that it takes
        if (low > high || high > max) return null;
        var chosen = new SbcConfiguration
        {
            SampleRate = rate, Mode = mode.Mode, Blocks = blocks, Subbands = subbands,
            Loudness = (second & 1) != 0, MinBitpool = low, MaxBitpool = high,
        };
        return high <= chosen.Limit && chosen.IsWithinBitRate(low) ? chosen with { MaxBitpool = chosen.Bitpool } : null;
    }

    /// <summary>Reads what a peer has set, and holds it against what we offered, what SBC knows and what A2DP allows; null and a reason where it is none of these.</summary>
    public static SbcConfiguration? Parse(ReadOnlySpan<byte> configuration, out string refusal)
    {
        refusal = "it is no SBC configuration";
        if (configuration.Length != 4) return null;
        var (first, second) = (configuration[0], configuration[1]);
        if (!(OneBit(first & 0xF0) && OneBit(first & 0x0F) && OneBit(second & 0xF0) && OneBit(second & 0x0C) && OneBit(second & 0x03)))
        {
            refusal = "it leaves open, or chooses twice, what it should choose once";
            return null;
        }

        var agreed = new SbcConfiguration
        {
            SampleRate = s_rates.First(r => (first & r.Bit) != 0).Hertz,
            Mode = s_modes.First(m => (first & m.Bit) != 0).Mode,
            Blocks = s_blocks.First(b => (second & b.Bit) != 0).Blocks,
            Subbands = s_subbands.First(s => (second & s.Bit) != 0).Subbands,
            Loudness = (second & 1) != 0,
            MinBitpool = configuration[2],
            MaxBitpool = configuration[3],
        };
        if (agreed.MinBitpool < AllCapabilities[2] || agreed.MinBitpool > agreed.MaxBitpool || agreed.MaxBitpool > agreed.Limit)
            refusal = $"its bitpool is {agreed.MinBitpool} to {agreed.MaxBitpool}, and {AllCapabilities[2]} to {agreed.Limit} was offered";
        else if (!agreed.IsWithinBitRate(agreed.MinBitpool))
            refusal = $"its lowest bitpool, {agreed.MinBitpool}, is {agreed.BitRate(agreed.MinBitpool) / 1000} kbit/s, which is more than A2DP allows";
        else
            return agreed;
        return null;
    }

    /// <summary>The four bytes again.</summary>
    public byte[] ToBytes()
    {
        var first = s_rates.First(r => r.Hertz == SampleRate).Bit | s_modes.First(m => m.Mode == Mode).Bit;
        var second = s_blocks.First(b => b.Blocks == Blocks).Bit | s_subbands.First(s => s.Subbands == Subbands).Bit | (Loudness ? 1 : 2);
        return [(byte)first, (byte)second, (byte)MinBitpool, (byte)MaxBitpool];
    }

    private static bool OneBit(int value) => value != 0 && (value & (value - 1)) == 0;

    private static int HighQuality(int rate, SbcChannelMode mode) => (rate == 48_000, IsSingle(mode)) switch
    {
        (true, true) => HighQualityMono48,
        (true, false) => HighQualityJoint48,
        (false, true) => HighQualityMono441,
        _ => HighQualityJoint441,
    };

    private static int MiddleQuality(int rate, SbcChannelMode mode) => (rate == 48_000, IsSingle(mode)) switch
    {
        (true, true) => MiddleQualityMono48,
        (true, false) => MiddleQualityJoint48,
        (false, true) => MiddleQualityMono441,
        _ => MiddleQualityJoint441,
    };

    private static bool IsSingle(SbcChannelMode mode) => mode is SbcChannelMode.Mono or SbcChannelMode.DualChannel;
}
