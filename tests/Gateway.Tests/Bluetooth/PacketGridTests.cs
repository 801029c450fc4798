using Gateway.Bluetooth.A2dp;

namespace Gateway.Tests.Bluetooth;

public sealed class PacketGridTests
{
    [Theory]
    [InlineData(48_000, 896)]
    [InlineData(44_100, 640)]
    [InlineData(16_000, 128)]
    public void Due_times_are_exact_after_ten_years_too(int rate, int frames)
    {
        var grid = new PacketGrid(rate, frames);
        var index = grid.IndexAtOrAfter(10L * 365 * 86_400 * 1_000_000_000);

        var exact = (long)((Int128)index * frames * 1_000_000_000 / rate);

        Assert.Equal(exact, grid.DueNanoseconds(index));
        Assert.True(grid.DueNanoseconds(index) >= 10L * 365 * 86_400 * 1_000_000_000);
        Assert.True(grid.DueNanoseconds(index - 1) < 10L * 365 * 86_400 * 1_000_000_000);
    }

    [Fact]
    public void Timestamps_count_the_sampling_clock_and_wrap()
    {
        var grid = new PacketGrid(48_000, 896);
        var index = (uint.MaxValue / 896) + 1L;

        Assert.Equal((uint)(index * 896 - 4_294_967_296), grid.RtpTimestamp(index));
    }

    [Fact]
    public void The_header_says_what_it_was_told()
    {
        var packet = new byte[20];
        RtpHeader.Prepare(packet, 7);
        RtpHeader.Stamp(packet, 0xABCD, 0x12345678);

        Assert.True(RtpHeader.TryRead(packet, out var sequence, out var timestamp, out var at));
        Assert.Equal((0xABCD, 0x12345678u, 13, 7), (sequence, timestamp, at, packet[12]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80600001000000010000000107")]
    [InlineData("406000010000000100000001079C00")]
    [InlineData("806000010000000100000001879C00")]
    [InlineData("8F6000010000000100000001079C00")]
    public void What_is_no_whole_packet_is_not_read(string hex) =>
        Assert.False(RtpHeader.TryRead(Convert.FromHexString(hex), out _, out _, out _));
}
