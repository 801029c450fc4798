using System.Diagnostics;
using Gateway.Engine.Ports;
using Gateway.PulseAudio;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>The gateway's microphone on a real PulseAudio.</summary>
[Collection(RealTime.Name)]
public sealed class PulseMicrophoneTests
{
    private const string Pipe = "module-pipe-source source_name=mic file={pipe} format=float32le rate=48000 channels=";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_recorded_is_what_was_played_sample_by_sample_on_every_channel(int channels)
    {
        await using var server = await PulseServer.StartAsync(Pipe + channels);
        using var played = new PlayedPipe(server.PipePath, channels);
        using var microphone = PulseMicrophone.Open("mic", server.Address);

        var heard = await ReadAsync(microphone, frames: 30_000);

        Assert.Equal((48_000, channels), (microphone.SampleRate, microphone.Channels));
        Assert.All(Enumerable.Range(1, 29_999), n => Assert.Equal(PlayedPipe.Step, heard[n * channels] - heard[(n - 1) * channels]));
        Assert.All(Enumerable.Range(0, channels == 2 ? 30_000 : 0), n => Assert.Equal(heard[2 * n], -heard[2 * n + 1]));
    }

    [Fact]
    public async Task The_default_source_is_found_by_that_word()
    {
        await using var server = await PulseServer.StartAsync(Pipe + 1);
        using var played = new PlayedPipe(server.PipePath, 1);
        using var microphone = PulseMicrophone.Open("default", server.Address);

        Assert.Equal(4_800, (await ReadAsync(microphone, 4_800)).Length);
    }

    [Fact]
    public async Task A_server_and_a_source_that_come_later_are_found_when_they_are_needed()
    {
        await using var server = new PulseServer();
        var missing = Assert.Throws<PortException>(() => PulseMicrophone.Open("mic", server.Address));
        await server.BeginAsync("module-null-sink sink_name=out rate=48000");
        var unknown = Assert.Throws<PortException>(() => PulseMicrophone.Open("mic", server.Address));
        await server.ControlAsync("load-module", "module-pipe-source", "source_name=mic", $"file={server.PipePath}", "format=float32le", "rate=48000", "channels=1");
        using var played = new PlayedPipe(server.PipePath, 1);

        using var microphone = PulseMicrophone.Open("mic", server.Address);

        Assert.Equal((PortError.PartMissing, PortError.UnknownDevice), (missing.Error, unknown.Error));
        Assert.Equal(4_800, (await ReadAsync(microphone, 4_800)).Length);
    }

    [Fact]
    public async Task Reading_allocates_nothing()
    {
        await using var server = await PulseServer.StartAsync(Pipe + 1);
        using var played = new PlayedPipe(server.PipePath, 1);
        using var microphone = PulseMicrophone.Open("mic", server.Address);
        var block = new float[4_800];
        microphone.Read(block);
        await Task.Delay(100);

        Assert.Equal(0, Allocated.Least(() => microphone.Read(block)));
    }

    [Fact]
    public async Task A_server_killed_in_the_middle_ends_the_recording()
    {
        await using var server = await PulseServer.StartAsync(Pipe + 1);
        using var played = new PlayedPipe(server.PipePath, 1);
        using var microphone = PulseMicrophone.Open("mic", server.Address);
        await ReadAsync(microphone, 480);

        server.Kill();

        await AssertEndsAsync(microphone);
    }

    [Theory]
    [InlineData("suspend-source", "mic", "1")]
    [InlineData("unload-module", "module-pipe-source")]
    public async Task A_source_that_falls_asleep_or_is_pulled_out_ends_the_recording(params string[] happens)
    {
        await using var server = await PulseServer.StartAsync(Pipe + 1);
        using var played = new PlayedPipe(server.PipePath, 1);
        using var microphone = PulseMicrophone.Open("mic", server.Address);
        await ReadAsync(microphone, 480);

        await server.ControlAsync(happens);

        await AssertEndsAsync(microphone);
    }

    [Fact]
    public async Task A_source_that_does_not_exist_is_refused_with_those_that_do()
    {
        await using var server = await PulseServer.StartAsync(Pipe + 1);

        var no = Assert.Throws<PortException>(() => PulseMicrophone.Open("mik", server.Address));

        Assert.Equal((PortError.UnknownDevice, "The sound server has no source mik.", "Set audio.microphone to one of: mic."), (no.Error, no.Message, no.Remedy));
    }

    [Fact]
    public async Task A_copy_of_what_is_played_is_no_default_microphone_but_may_be_named()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=out rate=48000");

        var no = Assert.Throws<PortException>(() => PulseMicrophone.Open("default", server.Address));
        using var named = PulseMicrophone.Open("out.monitor", server.Address);

        Assert.Equal("The sound server has no microphone: its default source out.monitor is only a copy of what is played.", no.Message);
        Assert.Equal(2, named.Channels);
    }

    [Fact]
    public void Without_a_sound_server_the_remedy_says_how_to_get_one()
    {
        var no = Assert.Throws<PortException>(() => PulseMicrophone.Open("mic", "unix:/nowhere/socket"));

        Assert.Equal(PortError.PartMissing, no.Error);
        Assert.StartsWith("The microphone cannot be opened: no sound server is there", no.Message, StringComparison.Ordinal);
        Assert.Contains("PULSE_SERVER", no.Remedy!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_seconds()
    {
        await using var server = await PulseServer.StartAsync(Pipe + 1);
        server.Freeze();
        var since = Stopwatch.StartNew();

        var no = Assert.Throws<PortException>(() => PulseMicrophone.Open("mic", server.Address));

        Assert.Equal(PortError.TimedOut, no.Error);
        Assert.True(since.Elapsed.TotalSeconds > 4, "It was not waited for."); // and not for ever: it is over
    }

    [Fact]
    public async Task A_source_without_sound_is_given_up_after_seconds()
    {
        await using var server = await PulseServer.StartAsync(Pipe + 1);

        var no = Assert.Throws<PortException>(() => PulseMicrophone.Open("mic", server.Address));

        Assert.Equal("No sound comes from the source mic: it delivered no sound within 5 s.", no.Message);
    }

    private static async Task AssertEndsAsync(PulseMicrophone microphone)
    {
        var block = new float[4_800];
        await Eventually.TrueAsync("the recording to end", () =>
        {
            microphone.Read(block);
            return !microphone.IsOpen;
        });
        Assert.Equal(0, microphone.Read(block));
    }

    private static async Task<float[]> ReadAsync(PulseMicrophone microphone, int frames)
    {
        var heard = new float[frames * microphone.Channels];
        var filled = 0;
        await Eventually.TrueAsync(() => $"{frames} frames, of which {filled / microphone.Channels} came", () =>
        {
            filled += microphone.Read(heard.AsSpan(filled)) * microphone.Channels;
            return filled == heard.Length;
        });
        return heard;
    }
}
