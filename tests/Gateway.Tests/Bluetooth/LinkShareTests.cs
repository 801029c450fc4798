using Gateway.Bluetooth.A2dp;
using Gateway.Native.Hci;

namespace Gateway.Tests.Bluetooth;

public sealed class LinkShareTests
{
    [Fact]
    public void A_link_sends_no_more_than_its_share_until_some_of_it_is_gone()
    {
        var share = new LinkShare(1021, () => 2, _ => { });

        Assert.True(share.TryTake(672));
        Assert.True(share.TryTake(672));
        Assert.False(share.TryTake(672));
        share.Complete(1);
        Assert.True(share.TryTake(672));
        Assert.False(share.TryTake(672));
    }

    [Fact]
    public void A_packet_that_was_not_sent_is_given_back_and_one_that_takes_two_buffers_counts_twice()
    {
        var share = new LinkShare(400, () => 2, _ => { });

        Assert.True(share.TryTake(672));
        Assert.False(share.TryTake(672));
        share.GiveBack(672);
        Assert.True(share.TryTake(672));
    }

    [Fact]
    public void What_others_sent_over_the_link_is_no_credit()
    {
        var share = new LinkShare(1021, () => 2, _ => { });
        share.Complete(50); // signalling, and the stream before

        Assert.Equal([true, true, false], new[] { share.TryTake(672), share.TryTake(672), share.TryTake(672) });
    }

    [Fact]
    public void The_end_of_a_stream_is_told()
    {
        LinkShare? ended = null;
        var share = new LinkShare(1021, () => 2, left => ended = left);

        share.End();

        Assert.Same(share, ended);
    }

    [Fact]
    public void Completed_packets_are_read_for_each_link()
    {
        Assert.Equal([(0x00b, 2), (0xabc, 1)], Parsed(0x04, 0x13, 9, 2, 0x0b, 0x00, 2, 0, 0xbc, 0x2a, 1, 0));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x04, 0x13, 9, 200 })]
    [InlineData(new byte[] { 0x04, 0x13, 9, 1, 0x0b, 0x00, 2 })]
    [InlineData(new byte[] { 0x04, 0x05, 4, 1, 0x0b, 0x00, 2, 0 })]
    [InlineData(new byte[] { 0x02, 0x13, 5, 1, 0x0b, 0x00, 2, 0 })]
    public void What_is_cut_short_or_something_else_tells_nothing(byte[] packet) => Assert.Empty(Parsed(packet));

    [Fact]
    public void Without_a_controller_there_is_no_share_and_no_limit()
    {
        using var pair = new SeqPacketPair();

        Assert.Null(new ControllerBuffers().Of(pair.Theirs.SafeHandle, "/org/bluez/hci0/dev_00_00_00_00_00_00/fd0"));
        Assert.Null(HciSocket.TryOpen(99));
    }

    private static List<(int Link, int Packets)> Parsed(params byte[] packet)
    {
        var links = new List<(int, int)>();
        HciSocket.Parse(packet, (link, packets) => links.Add((link, packets)));
        return links;
    }
}
