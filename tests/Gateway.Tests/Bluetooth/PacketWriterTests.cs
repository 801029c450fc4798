using Gateway.Bluetooth.A2dp;
using Gateway.Native.Sbc;

namespace Gateway.Tests.Bluetooth;

/// <summary>Everything that we offer, played: what a peer may set is what its packets decode to.</summary>
public sealed class PacketWriterTests
{
    /// <summary>BlueZ's own default: the least that a link with A2DP has in practice.</summary>
    private const int Mtu = 672;

    public static TheoryData<int, int> Offered()
    {
        var offered = new TheoryData<int, int>();
        foreach (var rate in new[] { 0x10, 0x20, 0x40, 0x80 })
        foreach (var mode in new[] { 0x01, 0x02, 0x04, 0x08 })
            offered.Add(rate, mode);
        return offered;
    }

    [Theory]
    [MemberData(nameof(Offered))]
    public void Every_configuration_that_we_offer_plays_and_its_packets_decode_to_the_sound(int rate, int mode)
    {
        var played = 0;
        foreach (var blocks in new[] { 0x10, 0x20, 0x40, 0x80 })
        foreach (var subbands in new[] { 0x04, 0x08 })
        foreach (var allocation in new[] { 0x01, 0x02 })
        foreach (var (min, max) in new[] { (2, 2), (2, 19), (2, 35), (2, 53), (35, 53), (53, 53) })
        {
            byte[] bytes = [(byte)(rate | mode), (byte)(blocks | subbands | allocation), (byte)min, (byte)max];
            if (SbcConfiguration.Parse(bytes, out var refusal) is not { } configuration)
            {
                Assert.EndsWith("which is more than A2DP allows", refusal, StringComparison.Ordinal);
                continue;
            }

            Case.Run(Convert.ToHexString(bytes), () => Plays(configuration));
            played++;
        }

        Assert.InRange(played, 4 * 2 * 2 * 4, 4 * 2 * 2 * 6);
    }

    [Fact]
    public void What_we_choose_of_each_thing_that_a_peer_may_offer_alone_is_what_we_take_when_it_is_set()
    {
        foreach (var rate in new[] { 0x10, 0x20, 0x40, 0x80 })
        foreach (var mode in new[] { 0x01, 0x02, 0x04, 0x08 })
        foreach (var blocks in new[] { 0x10, 0x20, 0x40, 0x80 })
        foreach (var subbands in new[] { 0x04, 0x08 })
        foreach (var plain in new[] { false, true })
        {
            byte[] capabilities = [(byte)(rate | mode), (byte)(blocks | subbands | 3), 2, 250];
            Case.Run(Convert.ToHexString(capabilities), () =>
            {
                var chosen = SbcConfiguration.Choose(capabilities, plain)!;
                var set = SbcConfiguration.Parse(chosen.ToBytes(), out var refusal);

                Assert.Equal((chosen, ""), (set, set is null ? refusal : ""));
                Assert.Equal(chosen.MaxBitpool, chosen.Bitpool);
                Plays(chosen);
            });
        }
    }

    [Fact]
    public void An_error_of_the_codec_is_no_length()
    {
        using var encoder = new SbcEncoder([0x18, 0x15, 2, 250]);

        Assert.Equal(0, encoder.Encode(new short[128], new byte[1024]));
        Assert.Equal(0, encoder.Encode(new short[128], new byte[4]));
    }

    private static void Plays(SbcConfiguration configuration)
    {
        using var writer = new PacketWriter(configuration, Mtu);
        // A sixteenth of the rate lies within the first subbands, which get their bits first.
        var packets = Math.Max(2, (1024 / writer.Grid.FramesPerPacket) + 1);
        var sound = new float[2 * packets * writer.Grid.FramesPerPacket];
        for (var i = 0; i < sound.Length / 2; i++) sound[2 * i] = sound[(2 * i) + 1] = 0.5f * MathF.Sin(2 * MathF.PI * i / 16);

        var heard = new List<float>();
        using var decoder = new SbcDecoder();
        for (var at = 0; at < sound.Length;)
        {
            var written = writer.Write(sound.AsSpan(at, Math.Min(2 * 100, sound.Length - at)), 1);
            Assert.True(written > 0, "It took nothing.");
            at += 2 * written;
            for (; writer.Ring.Count > 0; writer.Ring.Release()) heard.AddRange(Decoded(writer.Ring.Peek(), writer.SbcFramesPerPacket, configuration, decoder));
        }

        using var silence = new SbcDecoder();
        Assert.All(Decoded(WithHeader(writer.SilentPacket()), writer.SbcFramesPerPacket, configuration, silence), sample => Assert.InRange(sample, -0.001f, 0.001f));
        Assert.Equal(packets * writer.Grid.FramesPerPacket, heard.Count);
        var (sin, cos, power) = (0.0, 0.0, 0.0);
        // Not the beginning: the filters of both ends are filling.
        for (var i = 512; i < heard.Count; i++)
        {
            sin += heard[i] * Math.Sin(2 * Math.PI * i / 16);
            cos += heard[i] * Math.Cos(2 * Math.PI * i / 16);
            power += heard[i] * (double)heard[i];
        }

        var frames = heard.Count - 512;
        var tone = 2 * ((sin * sin) + (cos * cos)) / ((double)frames * frames); // the power that lies in our sine
        if (configuration.Bitpool < 10) return; // no bits, no sound: it is enough that it is whole
        Assert.InRange(power / frames, 0.1, 0.15); // 0.125 went in
        Assert.InRange(tone / (power / frames), configuration.Bitpool < 30 ? 0.9 : 0.98, 1.001);
    }

    private static byte[] WithHeader(byte[] packet)
    {
        RtpHeader.Prepare(packet, packet[RtpHeader.Length]);
        return packet;
    }

    /// <summary>The left channel of a packet, which must hold exactly its frames.</summary>
    private static List<float> Decoded(Span<byte> packet, int frames, SbcConfiguration configuration, SbcDecoder decoder)
    {
        var (pcm, heard) = (new short[256], new List<float>());
        var at = RtpHeader.SbcOffset;
        Assert.InRange(packet.Length, RtpHeader.SbcOffset + 1, Mtu);
        for (var i = 0; i < frames; i++)
        {
            var consumed = decoder.Decode(packet[at..], pcm, out var samples);
            Assert.True(consumed > 0, "This is no SBC frame.");
            Assert.Equal((configuration.SamplesPerFrame * configuration.Channels, configuration.Channels), (samples, decoder.Channels));
            at += consumed;
            for (var s = 0; s < samples; s += decoder.Channels) heard.Add(pcm[s] / 32768f);
        }

        Assert.Equal(packet.Length, at);
        return heard;
    }
}
