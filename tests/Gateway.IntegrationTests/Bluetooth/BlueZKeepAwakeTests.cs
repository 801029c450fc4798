using System.Collections.Concurrent;
using System.Text;
using Gateway.House;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>S1 over the air's own protocol: what a speaker that is kept awake really gets.</summary>
public sealed class BlueZKeepAwakeTests
{
    [Fact]
    public async Task A_speaker_that_is_kept_awake_gets_one_unbroken_stream_that_a_group_takes_over_and_gives_back()
    {
        using var folder = new TemporaryFolder();
        await using var house = await BlueZHouse.StartAsync();
        await house.AskAsync("group/party/source", $"file:{SilentFile(folder)}");
        var streams = Listens(house);
        var stored = await house.AskAsync("speaker/kitchen/keep_awake", "ON");
        await house.AskAsync("speaker/kitchen/connected", "ON");
        var stream = await Eventually.SomeAsync(() => "the stream to be opened", () => streams.FirstOrDefault());

        await Eventually.TrueAsync(() => $"the tone; loudest {stream.Loudest}", () => IsFaint(stream));
        var on = await house.AskAsync("group/party/active", "ON");
        var packets = stream.Packets;
        await Eventually.TrueAsync(() => "a second of the silent group", () => stream.Packets > packets + 80 && IsFaint(stream));
        var off = await house.AskAsync("group/party/active", "OFF");
        packets = stream.Packets;
        await Eventually.TrueAsync(() => "a second after the group", () => stream.Packets > packets + 80 && IsFaint(stream));

        Assert.Equal("Kitchen is not connected: it is stored, and applied when it connects.", stored.Reason);
        Assert.Equal((CommandResult.Done, CommandResult.Done), (on.Result, off.Result));
        Assert.Single(streams);
        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "Acquire"));
        Assert.DoesNotContain("Release", house.BlueZ.Calls);
        Assert.True(house.Speaker.Connected);

        await house.AskAsync("speaker/kitchen/keep_awake", "OFF");
        await Eventually.TrueAsync(() => "the stream to be closed", () => stream.IsOver && house.BlueZ.Calls.Contains("Release"));
    }

    [Fact]
    public async Task Without_keep_awake_a_linked_speaker_gets_nothing()
    {
        await using var house = await BlueZHouse.StartAsync();
        var streams = Listens(house);
        await house.AskAsync("speaker/kitchen/connected", "ON");

        // Whatever a linked speaker gets has begun when one that is kept awake gets it.
        var before = house.BlueZ.Calls.Count(c => c == "Acquire");
        await house.AskAsync("speaker/kitchen/keep_awake", "ON");
        await Eventually.SomeAsync(() => "the stream to be opened", () => streams.FirstOrDefault());

        Assert.Equal(0, before);
    }

    [Fact]
    public async Task After_a_lost_link_it_is_fed_over_the_next_one()
    {
        await using var house = await BlueZHouse.StartAsync();
        var streams = Listens(house);
        await house.AskAsync("speaker/kitchen/keep_awake", "ON");
        await house.AskAsync("speaker/kitchen/connected", "ON");
        await Eventually.TrueAsync(() => "the stream to be opened", () => streams.Count == 1);

        await house.BlueZ.ClearAsync(BlueZHarness.Source1);
        house.BlueZ.Remove(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1");
        await house.EventAsync(HouseEventType.LinkLost);
        await house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration); // it calls by itself
        await house.EventAsync(HouseEventType.LinkRestored);

        await Eventually.TrueAsync(() => $"the next stream's tone; {streams.Count} streams", () => streams.Count == 2 && IsFaint(streams.Last()), 20);
    }

    [Fact]
    public async Task Where_a_sound_server_has_the_sound_the_answer_says_that_nothing_feeds_it()
    {
        await using var house = await BlueZHouse.StartAsync("pulse");

        var end = await house.AskAsync("speaker/kitchen/keep_awake", "ON");

        Assert.Equal(CommandResult.Done, end.Result);
        Assert.StartsWith("It is stored, but nothing feeds Kitchen: Bluetooth sound is left to a sound server here, because bluetooth.audio is pulse, and none listens where the gateway looks for it (", end.Reason, StringComparison.Ordinal);
    }

    /// <summary>1.2 % of full scale, give or take what SBC makes of it.</summary>
    private static bool IsFaint(HeardStream stream) => stream.Loudest is > 0.010f and < 0.015f;

    /// <summary>Ten minutes of silence: 48 kHz, mono, 16 bits.</summary>
    private static string SilentFile(TemporaryFolder folder)
    {
        const int Rate = 48_000, Bytes = 600 * Rate * 2;
        var path = Path.Combine(folder.Path, "silence.wav");
        using var file = new BinaryWriter(File.Create(path), Encoding.ASCII);
        file.Write("RIFF"u8);
        file.Write(36 + Bytes);
        file.Write("WAVEfmt "u8);
        file.Write(16);
        file.Write((short)1); // PCM
        file.Write((short)1); // one channel
        file.Write(Rate);
        file.Write(Rate * 2);
        file.Write((short)2);
        file.Write((short)16);
        file.Write("data"u8);
        file.Write(Bytes);
        file.BaseStream.SetLength(44 + Bytes);
        return path;
    }

    private static ConcurrentQueue<HeardStream> Listens(BlueZHouse house)
    {
        var streams = new ConcurrentQueue<HeardStream>();
        house.BlueZ.On("Acquire", context => streams.Enqueue(new HeardStream(FakeBlueZ.ReplyWithSocket(context))));
        house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration));
        return streams;
    }
}
