using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>Echos and phones that a real PulseAudio hears.</summary>
[Collection(RealTime.Name)]
public sealed class PulseSourcesTests
{
    private static readonly BluetoothAddress s_adapter = BluetoothAddress.Parse("00:AA:01:00:00:01");
    private static readonly BluetoothAddress s_echo = BluetoothAddress.Parse("00:AA:01:0E:00:01");
    private static readonly string s_player = PulseHouse.Line(PulseHouse.Player("{pipe}", s_echo));

    [Fact]
    public async Task What_it_plays_arrives_sample_by_sample_on_both_sides_and_reading_allocates_nothing()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000", s_player);
        using var played = new PlayedPipe(server.PipePath, 2);
        await using var house = await PulseHouse.StartAsync(server.Address);

        using var input = await OpenAsync(house);
        var heard = await ReadAsync(input, 30_000);

        Assert.Equal((48_000, 2), (input.SampleRate, input.Channels));
        Assert.All(Enumerable.Range(1, 29_999), n => Assert.Equal(PlayedPipe.Step, heard[2 * n] - heard[2 * (n - 1)]));
        Assert.All(Enumerable.Range(0, 30_000), n => Assert.Equal(heard[2 * n], -heard[(2 * n) + 1]));
        var block = new float[960];
        Assert.Equal(0, Allocated.Least(() => input.Read(block)));
        Assert.Null(input.Problem);
    }

    [Fact]
    public async Task Its_source_is_waited_for_and_neither_a_monitor_nor_a_telephones_nor_anothers_is_taken_for_it()
    {
        await using var server = await PulseServer.StartAsync($"module-null-sink sink_name=desk rate=48000 sink_properties=\"device.bus=bluetooth device.string={s_echo}\"");
        await using var house = await PulseHouse.StartAsync(server.Address);
        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Player($"{server.PipePath}-other", "00:AA:01:0E:00:02")));

        var none = await Assert.ThrowsAsync<PortException>(() => OpenAsync(house));
        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Player($"{server.PipePath}-telephone", s_echo, "handsfree_audio_gateway")));
        var telephone = await Assert.ThrowsAsync<PortException>(() => OpenAsync(house));
        var opening = OpenAsync(house);
        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Player(server.PipePath, s_echo)));
        using var played = new PlayedPipe(server.PipePath, 2);
        using var input = await opening;

        Assert.Equal((PortError.NotReachable, "Dot is connected, and the sound server shows no source of it."), (none.Error, none.Message));
        Assert.Equal("Dot is connected, and the sound server uses it for telephone calls alone.", telephone.Message);
        Assert.Contains("A2DP Source", none.Remedy, StringComparison.Ordinal);
        Assert.NotEmpty(await ReadAsync(input, 4_800));
    }

    [Fact]
    public async Task A_source_that_goes_ends_its_input_and_says_so_and_can_be_had_again()
    {
        await using var server = await PulseServer.StartAsync(s_player);
        using var played = new PlayedPipe(server.PipePath, 2);
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var input = await OpenAsync(house);
        await ReadAsync(input, 4_800);

        await server.ControlAsync("unload-module", "module-pipe-source");
        await EndsAsync(input);
        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Player(server.PipePath, s_echo)));
        using var replayed = new PlayedPipe(server.PipePath, 2);
        using var again = await OpenAsync(house);

        Assert.StartsWith("The sound server's source of Dot is gone.", input.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(await ReadAsync(again, 4_800));
    }

    [Fact]
    public async Task A_server_that_is_killed_ends_its_input_is_told_and_is_taken_again_when_it_is_back()
    {
        await using var server = await PulseServer.StartAsync(s_player);
        using var played = new PlayedPipe(server.PipePath, 2);
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var input = await OpenAsync(house);
        await ReadAsync(input, 4_800);

        server.Kill();
        await EndsAsync(input);
        await Eventually.TrueAsync("its absence is known", () => house.Link.Current.Failure is not null);
        var gone = await Assert.ThrowsAsync<PortException>(() => OpenAsync(house));
        server.ClearSocket();
        File.Delete(server.PipePath);
        await server.BeginAsync(s_player);
        using var replayed = new PlayedPipe(server.PipePath, 2);
        await Eventually.TrueAsync("it is there again", () => house.Link.Current.Sources.Count > 0);
        using var again = await OpenAsync(house);

        Assert.Equal(PortError.PartMissing, gone.Error);
        Assert.Contains("PULSE_SERVER", gone.Remedy, StringComparison.Ordinal);
        Assert.NotEmpty(await ReadAsync(again, 4_800));
    }

    [Fact]
    public async Task A_source_that_sleeps_is_told_and_waited_for_and_one_that_gives_nothing_is_told_too()
    {
        await using var server = await PulseServer.StartAsync(s_player);
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var input = await OpenAsync(house);
        await Eventually.TrueAsync("that nothing comes is told", () => input.Read(new float[960]) == 0 && input.Problem is not null);
        var silent = input.Problem;
        using var played = new PlayedPipe(server.PipePath, 2);
        await ReadAsync(input, 4_800);
        var sounding = input.Problem;

        await server.ControlAsync("suspend-source", PulseHouse.SourceOf(s_echo), "1");
        await Eventually.TrueAsync("its sleep is told", () => input.Read(new float[960]) == 0 && input.Problem is not null);
        var asleep = input.Problem;
        await server.ControlAsync("suspend-source", PulseHouse.SourceOf(s_echo), "0");
        await ReadAsync(input, 4_800);

        Assert.StartsWith("Nothing comes from the sound server's source of Dot.", silent, StringComparison.Ordinal);
        Assert.EndsWith($"pactl suspend-source {PulseHouse.SourceOf(s_echo)} 0.", asleep, StringComparison.Ordinal);
        Assert.Equal((null, null, true), (sounding, input.Problem, input.IsOpen));
    }

    [Theory]
    [InlineData(SourceKind.Echo, false, true)]
    [InlineData(SourceKind.Phone, false, true)]
    [InlineData(SourceKind.Echo, true, false)]
    [InlineData(SourceKind.Echo, null, false)]
    [InlineData(SourceKind.LineIn, false, true)]
    [InlineData(SourceKind.LineIn, true, true)]
    [InlineData(SourceKind.LineIn, null, true)]
    [InlineData(SourceKind.File, false, false)]
    public async Task Echos_and_phones_are_taken_where_the_server_has_the_sound_and_line_in_everywhere(SourceKind kind, bool? ownsAudio, bool taken)
    {
        await using var house = await PulseHouse.StartAsync("unix:/nowhere/socket", ownsAudio: true);
        house.Radio.Current = house.Radio.Current with { OwnsAudio = ownsAudio };

        Assert.Equal(taken, house.Sources.Takes(new SourceRef(kind, "dot")));
    }

    [Theory]
    [InlineData(8_000, 1)]
    [InlineData(192_000, 8)]
    public async Task A_line_in_of_any_rate_and_any_channels_is_heard_in_stereo_on_a_machine_whose_Bluetooth_is_our_own(int rate, int channels)
    {
        await using var server = await PulseServer.StartAsync($"module-pipe-source source_name=alsa_input.desk file={{pipe}} format=float32le rate={rate} channels={channels}");
        using var played = new PlayedPipe(server.PipePath, channels);
        await using var house = await PulseHouse.StartAsync(server.Address, ownsAudio: true);

        using var input = await OpenLineInAsync(house, "alsa_input.desk");
        var heard = await ReadAsync(input, 24_000);

        Assert.Equal((48_000, 2, null), (input.SampleRate, input.Channels, input.Problem));
        Assert.Contains(heard, x => x != 0);
        Assert.All(heard, x => Assert.InRange(x, -1.1f, 1.1f));
        var block = new float[960];
        Assert.Equal(0, Allocated.Least(() => input.Read(block)));
    }

    [Fact]
    public async Task What_can_be_chosen_is_what_is_there_and_neither_a_monitor_nor_a_Bluetooth_device()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000", s_player, "module-pipe-source source_name=alsa_input.mic file={pipe}-mic source_properties=device.description=Socket");
        await using var house = await PulseHouse.StartAsync(server.Address);
        var told = 0;
        house.Sources.Changed += () => Interlocked.Increment(ref told);

        await Eventually.TrueAsync("it can be chosen", () => house.Sources.Offers.Count > 0);
        var offered = house.Sources.Offers;
        await server.ControlAsync("unload-module", await server.ModuleAsync("alsa_input.mic"));
        await Eventually.TrueAsync("nothing can be chosen", () => house.Sources.Offers.Count == 0 && Volatile.Read(ref told) >= 1);

        Assert.Equal([new SourceOffer(new SourceRef(SourceKind.LineIn, "alsa_input.mic"), "Line in: Socket")], offered);
    }

    [Fact]
    public async Task A_line_in_that_is_not_there_or_not_named_or_without_a_server_is_told_with_the_remedy()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000", "module-pipe-source source_name=alsa_input.mic file={pipe}");
        await using var house = await PulseHouse.StartAsync(server.Address, ownsAudio: true);
        await using var nowhere = await PulseHouse.StartAsync("unix:/nowhere/socket", ownsAudio: true);

        var unknown = await Assert.ThrowsAsync<PortException>(() => OpenLineInAsync(house, "alsa_input.mik"));
        var unnamed = await Assert.ThrowsAsync<PortException>(() => OpenLineInAsync(house, null));
        var copy = await Assert.ThrowsAsync<PortException>(() => OpenLineInAsync(house, "desk.monitor"));
        var noServer = await Assert.ThrowsAsync<PortException>(() => OpenLineInAsync(nowhere, "alsa_input.mic"));

        Assert.Equal("The sound server has no source alsa_input.mik now. Did you mean \"alsa_input.mic\"?", unknown.Message);
        Assert.StartsWith("It is not said which line-in", unnamed.Message, StringComparison.Ordinal);
        Assert.Contains("could hear itself", copy.Message, StringComparison.Ordinal);
        Assert.Equal(PortError.PartMissing, noServer.Error);
        Assert.Contains("PULSE_SERVER", noServer.Remedy, StringComparison.Ordinal);
    }

    private static Task<IAudioInput> OpenLineInAsync(PulseHouse house, string? source) =>
        house.Sources.OpenAsync(new SourceOpening(new SourceRef(SourceKind.LineIn, source), null) { Listener = "Party" }, CancellationToken.None);

    private static Task<IAudioInput> OpenAsync(PulseHouse house) =>
        house.Sources.OpenAsync(new SourceOpening(new SourceRef(SourceKind.Echo, "dot"), BluetoothLinks.KeyOf(s_adapter, s_echo)) { Name = "Dot", Listener = "Party" }, CancellationToken.None);

    private static Task EndsAsync(IAudioInput input) => Eventually.TrueAsync("it ends", () => input.Read(new float[960]) == 0 && !input.IsOpen);

    private static async Task<float[]> ReadAsync(IAudioInput input, int frames)
    {
        var heard = new float[2 * frames];
        var done = 0;
        await Eventually.TrueAsync(() => $"{frames} frames; there were {done}; {input.Problem}", () => (done += input.Read(heard.AsSpan(2 * done))) == frames);
        return heard;
    }
}
