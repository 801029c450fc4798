using System.Collections.Immutable;
using Gateway.Bluetooth.A2dp;
using Gateway.Native.Sbc;

namespace Gateway.Tests.Bluetooth;

/// <summary>What a device plays to us, taken from its socket.</summary>
public sealed class PacketReceiverTests : IDisposable
{
    private static readonly SbcConfiguration s_configuration = SbcConfiguration.Choose(SbcConfiguration.AllCapabilities)!;
    private readonly SeqPacketPair _pair = new();
    private ImmutableArray<JitterBuffer> _listeners = [];
    private int _looks;

    [Fact]
    public async Task What_waited_in_the_socket_before_it_was_taken_is_old_and_left_out()
    {
        var buffer = Buffer();
        _listeners = [buffer];
        for (var i = 0; i < 20; i++) Send(i);
        using var receiver = Receive(null);
        await Eventually.TrueAsync("the socket to be empty", () => _looks > 21);

        for (var i = 20; i < 25; i++) Send(i);
        await Eventually.TrueAsync("what is new", () => receiver.Packets > 0 && buffer.Statistics.Packets >= 5);

        Assert.Equal((5, 5, 0), (receiver.Packets, buffer.Statistics.Packets, buffer.Statistics.Gaps));
    }

    [Fact]
    public async Task Who_comes_later_hears_what_comes_later_and_who_goes_takes_nothing_from_the_others()
    {
        using var receiver = Receive(null);
        await Eventually.TrueAsync("its first look", () => _looks > 1);
        Send(0);
        await Eventually.TrueAsync("the packet that nobody listens to", () => receiver.Packets == 1);
        var (first, second) = (Buffer(), Buffer());

        _listeners = [first];
        Send(1);
        await Eventually.TrueAsync("it to be heard", () => first.Statistics.Packets == 1);
        _listeners = [first, second];
        Send(2);
        await Eventually.TrueAsync("both to hear it", () => second.Statistics.Packets == 1);
        _listeners = [second];
        Send(3);
        await Eventually.TrueAsync("the other to hear it", () => second.Statistics.Packets == 2);

        Assert.Equal((4, 2), (receiver.Packets, first.Statistics.Packets));
    }

    [Fact]
    public async Task Silence_is_a_stall_only_while_somebody_listens()
    {
        using var receiver = Receive(TimeSpan.FromMilliseconds(1));
        await Eventually.TrueAsync("some looks at nothing", () => _looks > 3);
        Assert.False(receiver.Ended.IsCompleted);

        _listeners = [Buffer()];

        Assert.Equal(ReceiveEnd.Silent, await receiver.Ended.WaitAsync(Patience.Hang));
    }

    public void Dispose() => _pair.Dispose();

    private static JitterBuffer Buffer() => new(s_configuration.SampleRate, s_configuration.Channels);

    private PacketReceiver Receive(TimeSpan? patience) => new(_pair.Ours, 895, () =>
    {
        Interlocked.Increment(ref _looks);
        return _listeners;
    }, () => patience, "phone");

    private void Send(int index)
    {
        using var encoder = new SbcEncoder(s_configuration.ToBytes());
        var packet = new byte[895];
        RtpHeader.Prepare(packet, 1);
        RtpHeader.Stamp(packet, (ushort)index, (uint)(index * s_configuration.SamplesPerFrame));
        var length = RtpHeader.SbcOffset + encoder.Encode(new short[s_configuration.SamplesPerFrame * s_configuration.Channels], packet.AsSpan(RtpHeader.SbcOffset));
        _pair.Theirs.Send(packet.AsSpan(0, length));
    }
}
