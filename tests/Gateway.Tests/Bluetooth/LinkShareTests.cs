using Gateway.Bluetooth.A2dp;
using Gateway.Native.Hci;

namespace Gateway.Tests.Bluetooth;

public sealed class LinkShareTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void A_link_sends_no_more_than_its_share_until_some_of_it_is_gone()
    {
        var share = new LinkShare(1021, () => 2, _ => { });

        Assert.True(share.TryTake(672, 0));
        Assert.True(share.TryTake(672, 0));
        Assert.False(share.TryTake(672, 0));
        share.Complete(1);
        Assert.True(share.TryTake(672, 0));
        Assert.False(share.TryTake(672, 0));
    }

    [Fact]
    public void A_packet_that_was_not_sent_is_given_back_and_one_that_takes_two_buffers_counts_twice()
    {
        var share = new LinkShare(400, () => 2, _ => { });

        Assert.True(share.TryTake(672, 0));
        Assert.False(share.TryTake(672, 0));
        share.GiveBack(672);
        Assert.True(share.TryTake(672, 0));
    }

    [Fact]
    public void What_others_sent_over_the_link_is_no_credit()
    {
        var share = new LinkShare(1021, () => 2, _ => { });
        share.Complete(50); // signalling, and the stream before

        Assert.Equal([true, true, false], new[] { share.TryTake(672, 0), share.TryTake(672, 0), share.TryTake(672, 0) });
    }

    [Fact]
    public void After_a_long_silence_one_packet_more_asks_whether_the_controller_still_answers()
    {
        var share = new LinkShare(1021, () => 2, _ => { });
        Assert.True(share.TryTake(672, 0));
        Assert.True(share.TryTake(672, 0));

        Assert.False(share.TryTake(672, 299 * Ms));
        Assert.False(share.IsAsking);
        Assert.True(share.TryTake(672, 301 * Ms));
        Assert.True(share.IsAsking);
        Assert.Equal([false, false, false], new[] { share.TryTake(672, 302 * Ms), share.TryTake(672, 700 * Ms), share.TryTake(672, 9_000 * Ms) });
    }

    [Fact]
    public void Answers_that_nobody_heard_are_forgiven_with_the_first_that_is_heard()
    {
        var share = new LinkShare(1021, () => 2, _ => { });
        Assert.True(share.TryTake(672, 0));
        Assert.True(share.TryTake(672, 0)); // both arrive, and their events are lost

        Assert.True(share.TryTake(672, 301 * Ms));
        share.Complete(1);

        Assert.Equal([true, true, false], new[] { share.TryTake(672, 320 * Ms), share.TryTake(672, 320 * Ms), share.TryTake(672, 320 * Ms) });
    }

    [Fact]
    public void The_question_that_was_not_sent_may_be_asked_again()
    {
        var share = new LinkShare(1021, () => 1, _ => { });
        Assert.True(share.TryTake(672, 0));
        Assert.True(share.TryTake(672, 301 * Ms));
        share.GiveBack(672);

        Assert.True(share.TryTake(672, 305 * Ms));
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

        Assert.Null(new ControllerBuffers().Of(pair.Theirs.SafeHandle, 0));
        Assert.Null(HciSocket.TryOpen(99));
    }

    private static List<(int Link, int Packets)> Parsed(params byte[] packet)
    {
        var links = new List<(int, int)>();
        HciSocket.Parse(packet, (link, packets) => links.Add((link, packets)));
        return links;
    }
}
