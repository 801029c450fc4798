using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Native.Pulse;
using Gateway.PulseAudio;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>Which outputs a real PulseAudio offers, and why not.</summary>
public sealed class PulseOutputsTests
{
    private static readonly BluetoothAddress s_adapter = BluetoothAddress.Parse("00:AA:01:00:00:01");

    [Fact]
    public async Task A_Bluetooth_speaker_of_the_server_is_found_by_its_address_and_its_latency_key_is_stable()
    {
        await using var server = await PulseServer.StartAsync(PulseHouse.Line(PulseHouse.Speaker(1)), "module-null-sink sink_name=desk rate=48000");
        await using var house = await PulseHouse.StartAsync(server.Address);

        var found = await house.SinkAsync(1);

        Assert.Equal(new OutputRef("pulse", PulseHouse.SinkOf(1), $"{PulseHouse.SinkOf(1)}|a2dp_sink|sbc|pulse"), found);
        Assert.Equal([PulseHouse.AddressOf(1)], house.Outputs.Current.ByDevice.Keys);
        Assert.Null(house.Outputs.Current.Refusal);
    }

    [Fact]
    public async Task Where_the_gateway_has_the_sound_itself_the_server_is_not_asked()
    {
        await using var server = await PulseServer.StartAsync(PulseHouse.Line(PulseHouse.Speaker(1)));
        await using var house = await PulseHouse.StartAsync(server.Address, ownsAudio: true);

        Assert.DoesNotContain("Tutti", await server.AskAsync("list", "clients"), StringComparison.Ordinal);
        Assert.Equal((0, null), (house.Outputs.Current.ByDevice.Count, house.Outputs.Current.Refusal));

        house.Radio.Current = house.Radio.Current with { OwnsAudio = false };
        await house.SinkAsync(1);
        house.Radio.Current = house.Radio.Current with { OwnsAudio = true };
        await Eventually.TrueAsync("it lets the server go", () => !server.AskAsync("list", "clients").GetAwaiter().GetResult().Contains("Tutti", StringComparison.Ordinal));
        Assert.Empty(house.Outputs.Current.ByDevice);
    }

    [Fact]
    public async Task A_sink_that_goes_and_returns_ends_its_own_output_alone_and_each_is_told()
    {
        await using var server = await PulseServer.StartAsync(PulseHouse.Line(PulseHouse.Speaker(1)));
        await using var house = await PulseHouse.StartAsync(server.Address);
        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Speaker(2)));
        using var stays = await house.OpenAsync(1);
        using var goes = await house.OpenAsync(2);
        await Eventually.TrueAsync("both are open", () => stays.FreeFrames > 0 && goes.FreeFrames > 0);
        var told = house.Changes;

        await server.ControlAsync("unload-module", await server.ModuleAsync(PulseHouse.SinkOf(2)));

        await Eventually.TrueAsync("the one ends", () => goes.FreeFrames == 0 && !goes.IsOpen);
        await Eventually.TrueAsync("it is none any more", () => house.Changes > told && !house.Outputs.Current.ByDevice.ContainsKey(PulseHouse.AddressOf(2)));
        Assert.True(stays is { IsOpen: true, FreeFrames: > 0 }, stays.Problem);
        var gone = Assert.Throws<PortException>(() => house.Outputs.Open(new OutputRef("pulse", PulseHouse.SinkOf(2), "")));
        Assert.Equal((PortError.NotReachable, $"The sound server has no output {PulseHouse.SinkOf(2)} now."), (gone.Error, gone.Message));

        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Speaker(2)));
        using var back = await house.OpenAsync(2);
        await Eventually.TrueAsync("it is open again", () => back.FreeFrames > 0);
    }

    [Fact]
    public async Task A_server_that_is_killed_ends_its_outputs_says_so_and_is_taken_again_when_it_is_back()
    {
        await using var server = await PulseServer.StartAsync(PulseHouse.Line(PulseHouse.Speaker(1)));
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        await Eventually.TrueAsync("it is open", () => output.FreeFrames > 0);

        server.Kill();
        await Eventually.TrueAsync("it ends", () => output.FreeFrames == 0 && !output.IsOpen);
        await Eventually.TrueAsync(() => $"its absence is told: {house.Outputs.Current.Refusal}", () => house.Outputs.Current.Refusal is not null);
        var (refusal, remedy) = (house.Outputs.Current.Refusal, house.Outputs.Current.Remedy);
        Assert.Equal(0, output.Write(new float[960]));
        server.ClearSocket();
        await server.BeginAsync(PulseHouse.Line(PulseHouse.Speaker(1)));
        using var again = await house.OpenAsync(1);

        Assert.StartsWith("Bluetooth sound is left to a sound server here, because bluetooth.audio is pulse, and none listens where the gateway looks for it (", refusal, StringComparison.Ordinal);
        Assert.Contains("PULSE_SERVER", remedy, StringComparison.Ordinal);
        Assert.Null(house.Outputs.Current.Refusal);
        await Eventually.TrueAsync("it is open again", () => again.FreeFrames > 0);
    }

    [Fact]
    public async Task A_speaker_that_the_server_uses_as_a_headset_or_not_at_all_has_no_output_and_the_reason()
    {
        await using var server = await PulseServer.StartAsync(PulseHouse.Line(PulseHouse.Speaker(1, "handsfree_head_unit")), PulseHouse.Line(PulseHouse.Speaker(2)));
        await using var house = await PulseHouse.StartAsync(server.Address);
        house.Radio.Current = house.Radio.Current with { Devices = [Linked(1, "Kitchen"), Linked(2, "Bath"), Linked(3, "Loft"), Linked(4, "Dot") with { LinkedAs = RadioRole.Source }] };

        await house.SinkAsync(2);
        var young = house.Outputs.Current;
        var told = house.Changes;
        await Eventually.TrueAsync("what was about to come is missing, and that is told", () => house.Outputs.Current.Coming.Count == 0 && house.Changes > told);
        var seen = house.Outputs.Current;

        Assert.Equal([PulseHouse.AddressOf(2)], seen.ByDevice.Keys);
        Assert.Equal((PulseHouse.AddressOf(3), PulseHouse.AddressOf(1)), (young.Coming.Single(), young.Missing.Keys.Single()));
        Assert.Equal([PulseHouse.AddressOf(1), PulseHouse.AddressOf(3)], seen.Missing.Keys);
        Assert.StartsWith("Kitchen is used as a telephone headset by the sound server", seen.Missing[PulseHouse.AddressOf(1)], StringComparison.Ordinal);
        Assert.StartsWith("Loft is connected, and the sound server shows no output for it", seen.Missing[PulseHouse.AddressOf(3)], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_speaker_that_is_a_sink_is_found_by_its_name_on_a_machine_without_Bluetooth_and_its_whole_latency_is_visible()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=44100");
        await using var house = await PulseHouse.StartAsync(server.Address, ("amp", "desk"));
        var young = house.Outputs.Current;

        await Eventually.TrueAsync("it is found", () => house.Outputs.Current.ByDevice.ContainsKey("amp"));
        using var output = house.Outputs.Open(house.Outputs.Current.ByDevice["amp"]);
        await Eventually.TrueAsync("it plays", () => output.Write(new float[960]) > 0 && output.TryReadClock(out _));

        Assert.True(young.Coming.Contains("amp") || young.ByDevice.ContainsKey("amp"));
        Assert.Equal(new OutputRef("pulse", "desk", "desk|none|none|pulse"), house.Outputs.Current.ByDevice["amp"]);
        Assert.Equal((44_100, true, null), (output.SampleRate, output.LatencyVisible, house.Outputs.Current.Refusal));
    }

    [Fact]
    public async Task A_sink_that_is_not_there_is_told_with_those_that_are_and_taken_when_it_comes()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=alsa_output.pci.analog-stereo", "module-null-sink sink_name=alsa_output.pci.hdmi-stereo");
        await using var house = await PulseHouse.StartAsync(server.Address, ("amp", "alsa_output.pci.analog-sterio"), ("hall", "raop"));

        await Eventually.TrueAsync("they are missing", () => house.Outputs.Current.Missing.Count == 2);
        var missing = house.Outputs.Current.Missing;
        await server.ControlAsync("load-module", "module-null-sink", "sink_name=raop");
        await Eventually.TrueAsync("it is there", () => house.Outputs.Current.ByDevice.ContainsKey("hall"));

        Assert.StartsWith("The sound server has no output alsa_output.pci.analog-sterio now. Did you mean \"alsa_output.pci.analog-stereo\"", missing["amp"], StringComparison.Ordinal);
        Assert.Equal("The sound server has no output raop now. It has alsa_output.pci.analog-stereo, alsa_output.pci.hdmi-stereo. It is taken as soon as it is there; else correct sink: in tutti.yaml (pactl list short sinks).", missing["hall"]);
        Assert.Equal(["amp"], house.Outputs.Current.Missing.Keys);
    }

    [Fact]
    public async Task Without_a_server_a_speaker_that_is_a_sink_is_told_that_with_the_remedy()
    {
        await using var house = await PulseHouse.StartAsync("unix:/nowhere/socket", ("amp", "desk"));

        await Eventually.TrueAsync("its absence is told", () => house.Outputs.Current.Missing.ContainsKey("amp"));

        var why = house.Outputs.Current.Missing["amp"];
        Assert.StartsWith("Nothing can be played through the sound server: none listens where the gateway looks for it", why, StringComparison.Ordinal);
        Assert.Contains("PULSE_SERVER", why, StringComparison.Ordinal);
        Assert.Null(house.Outputs.Current.Refusal); // Bluetooth's sound is another matter
    }

    [Fact]
    public async Task A_server_that_does_not_let_us_in_is_told_with_the_remedy()
    {
        var port = LoopbackPort.Free(); // over a socket file, the server's own user is let in always
        await using var server = await PulseServer.StartAsync(PulseHouse.Line(PulseHouse.Speaker(1)), $"module-native-protocol-tcp listen=127.0.0.1 port={port} auth-anonymous=0");
        await using var house = await PulseHouse.StartAsync($"tcp:127.0.0.1:{port}");

        await Eventually.TrueAsync(() => $"it is told: {house.Outputs.Current.Refusal}; the server said {server.Log}", () => house.Outputs.Current.Refusal?.Contains("does not let the gateway in", StringComparison.Ordinal) == true);

        Assert.Contains("pulse-access", house.Outputs.Current.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_library_is_told_by_its_package()
    {
        var no = new PulseException(PulseFailure.LibraryMissing, "libpulse.so.0 is not installed");

        Assert.Equal("Nothing can be played through the sound server: libpulse, by which the gateway would play through it, is not installed.", PulseTexts.NotThere(no).Message);
        Assert.Contains("libpulse0", PulseTexts.NotThere(no).Remedy, StringComparison.Ordinal);
    }

    private static RadioDevice Linked(int number, string name) =>
        new() { Adapter = s_adapter, Address = BluetoothAddress.Parse(PulseHouse.AddressOf(number)), Name = name, Link = RadioLink.Connected, LinkedAs = RadioRole.Sink };
}
