using Gateway.Bluetooth.A2dp;
using Gateway.Native.Sbc;

namespace Gateway.Tests.Bluetooth;

public sealed class SbcConfigurationTests
{
    [Fact]
    public void From_everything_the_choice_is_48_kHz_joint_stereo_at_high_quality()
    {
        var chosen = SbcConfiguration.Choose(SbcConfiguration.AllCapabilities);

        Assert.Equal(new byte[] { 0x11, 0x15, 2, 51 }, chosen!.ToBytes());
    }

    [Fact]
    public void A_sink_without_48_kHz_gets_44100_at_its_own_bitpool()
    {
        var chosen = SbcConfiguration.Choose([0x2F, 0xFF, 2, 40])!;

        Assert.Equal((44_100, SbcChannelMode.JointStereo, 40), (chosen.SampleRate, chosen.Mode, chosen.MaxBitpool));
    }

    [Theory]
    [InlineData("FFFF0235", "21150223")] // 44.1 kHz joint stereo at middle quality
    [InlineData("11150235", "11150221")] // 48 kHz where there is nothing else
    [InlineData("28FF0235", "28150213")] // one channel
    [InlineData("FFFF2835", "21152828")] // one that takes nothing as plain gets the least that it takes
    [InlineData("00FF0235", null)]
    [InlineData("FFFF3502", null)]
    public void The_plainest_choice_is_what_every_phone_offers(string capabilities, string? chosen) =>
        Assert.Equal(chosen, SbcConfiguration.Choose(Convert.FromHexString(capabilities), plain: true) is { } plain ? Convert.ToHexString(plain.ToBytes()) : null);

    [Theory]
    [InlineData("")]
    [InlineData("FFFF")]
    [InlineData("00FF0235")]
    [InlineData("F0FF0235")]
    [InlineData("FF000235")]
    [InlineData("FFFC0235")]
    [InlineData("FFFF3502")]
    public void Capabilities_that_offer_nothing_whole_are_refused(string hex) => Assert.Null(SbcConfiguration.Choose(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("FFFF0235")]
    [InlineData("2115")]
    [InlineData("21150135")]
    [InlineData("21153502")]
    [InlineData("2115023500")]
    public void A_configuration_with_open_choices_or_wrong_bounds_is_none(string hex) => Assert.Null(SbcConfiguration.Parse(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("181502FA", "its bitpool is 2 to 250, and 2 to 53 was offered")] // 48 kHz mono: SBC itself ends at 128
    [InlineData("28190241", "its bitpool is 2 to 65, and 2 to 53 was offered")] // mono with 4 subbands: SBC itself ends at 64
    [InlineData("11150236", "its bitpool is 2 to 54, and 2 to 53 was offered")]
    [InlineData("11150133", "its bitpool is 1 to 51, and 2 to 53 was offered")]
    [InlineData("12893535", "its lowest bitpool, 53, is 840 kbit/s, which is more than A2DP allows")] // 48 kHz stereo in 4 blocks of 4 subbands
    [InlineData("31150233", "it leaves open, or chooses twice, what it should choose once")]
    [InlineData("1115", "it is no SBC configuration")]
    public void What_was_not_offered_or_what_SBC_or_A2DP_does_not_know_is_refused_with_the_reason(string hex, string reason)
    {
        Assert.Null(SbcConfiguration.Parse(Convert.FromHexString(hex), out var refusal));
        Assert.Equal(reason, refusal);
    }

    [Theory]
    [InlineData("FFFFC8FA", true)]
    [InlineData("FFFF36FA", false)]
    [InlineData("F188F0FF", true)]
    public void A_peer_that_takes_only_what_we_do_not_offer_gets_no_choice(string capabilities, bool plain) =>
        Assert.Null(SbcConfiguration.Choose(Convert.FromHexString(capabilities), plain));

    [Fact]
    public void Every_valid_configuration_survives_the_round_trip_and_has_the_length_that_the_codec_says()
    {
        var checkedOnes = 0;
        foreach (var rate in new[] { 0x10, 0x20, 0x40, 0x80 })
        foreach (var mode in new[] { 1, 2, 4, 8 })
        foreach (var blocks in new[] { 0x10, 0x20, 0x40, 0x80 })
        foreach (var subbands in new[] { 4, 8 })
        {
            byte[] bytes = [(byte)(rate | mode), (byte)(blocks | subbands | 1), 2, 29];
            var configuration = SbcConfiguration.Parse(bytes, out _)!;
            using var encoder = new SbcEncoder(bytes);

            Assert.Equal(bytes, configuration.ToBytes());
            Assert.Equal(encoder.FrameLength, configuration.FrameLength(29));
            Assert.Equal(encoder.PcmBytesPerFrame, configuration.SamplesPerFrame * configuration.Channels * 2);
            checkedOnes++;
        }

        Assert.Equal(128, checkedOnes);
    }
}
