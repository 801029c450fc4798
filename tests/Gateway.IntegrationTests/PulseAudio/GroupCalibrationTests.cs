using System.Text.Json;
using Gateway.Cli;
using Gateway.Cli.Calibrate;
using Gateway.Cli.Client;
using Gateway.Engine.Ports;
using Gateway.IntegrationTests.Playback;
using Gateway.PulseAudio;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary><c>tutti calibrate GROUP</c> against a running gateway, whose microphone is a source of a real PulseAudio that hears the simulated room.</summary>
[Collection(RealTime.Name)]
public sealed class GroupCalibrationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-calibrate-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task The_group_is_measured_through_the_sound_server_and_the_figures_agree_with_the_truth() => RealTime.RunAsync("The house with a pipe for a microphone (seed 11)", MeasureAsync);

    private async Task MeasureAsync()
    {
        await using var server = await PulseServer.StartAsync("module-pipe-source source_name=room file={pipe} format=float32le rate=48000 channels=1");
        using var room = new RoomPipe(server.PipePath);
        await using var house = await SoundingHouse.StartAsync(seed: 11, speakers: 2, audio: "audio: { microphone: room }", microphone: simulated =>
        {
            room.Begin(simulated.Open("simulated"));
            return new RoomMicrophone(server.Address, room);
        });
        await house.PlayAsync();

        var (exit, output, error) = await RunAsync(house.BrokerPort, "All", json: true);

        Assert.True(exit == ExitCodes.Fine, output + error);
        Assert.Equal("done", JsonDocument.Parse(output).RootElement.GetProperty("result").GetString());
        // A class is given when its window of 10 s holds the new delays alone; so does the truth's.
        await house.UntilAsync("a class", () => house.Class == "locked", 40);
        Assert.InRange(await house.LargestErrorMsAsync(3), 0, 0.2);
    }

    [Fact]
    public async Task A_refusal_ends_with_4_and_says_why()
    {
        await using var house = await SoundingHouse.StartAsync(seed: 12, speakers: 2);

        var (exit, output, error) = await RunAsync(house.BrokerPort, "all", json: false);
        var unknown = await RunAsync(house.BrokerPort, "al", json: false);

        // The gateway's groups count, whatever the file at hand says.
        Assert.Equal((ExitCodes.UsageOrConfiguration, "There is no group \"al\". Did you mean \"All\"?\n"), (unknown.Exit, unknown.Error));
        Assert.Equal((ExitCodes.MeasurementRejected, ""), (exit, output));
        Assert.StartsWith("All was not calibrated (refused): All does not play.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sound_server_that_is_not_there_fails_the_calibration_with_the_remedy()
    {
        await using var house = await SoundingHouse.StartAsync(seed: 13, speakers: 2, audio: "audio: { microphone: room }", microphone: _ => new RoomMicrophone("unix:/nowhere/socket"));
        await house.PlayAsync();

        var (exit, _, error) = await RunAsync(house.BrokerPort, "all", json: false);

        Assert.Equal(ExitCodes.MeasurementRejected, exit);
        Assert.Contains("no sound server is there", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_gateway_at_the_broker_the_command_ends_with_5()
    {
        await using var broker = await Mosquitto.StartAsync();

        var (exit, output, error) = await RunAsync(broker.Port, "all", json: true);

        Assert.Equal((ExitCodes.PartMissing, ""), (exit, output));
        Assert.StartsWith("No gateway gw is running at the broker", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_broker_the_command_ends_with_5()
    {
        var (exit, _, error) = await RunAsync(LoopbackPort.Free(), "all", json: false);

        Assert.Equal(ExitCodes.PartMissing, exit);
        Assert.StartsWith("No connection to the MQTT broker", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_group_it_ends_with_2_and_says_how()
    {
        var (exit, _, error) = await RunAsync(1, null, json: false);

        Assert.Equal(ExitCodes.UsageOrConfiguration, exit);
        Assert.Contains("tutti calibrate GROUP", error, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(int port, string? group, bool json)
    {
        var config = Path.Combine(_folder.FullName, "tutti.yaml");
        await File.WriteAllTextAsync(config, $$"""
            gateway: { id: gw }
            mqtt: { url: "mqtt://127.0.0.1:{{port}}" }
            """);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await GroupCalibration.RunAsync(new GroupCalibration.Request(group, config, json), new Terminal(output, error, null), CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }

    /// <summary>The microphone of a sound server of the test's own.</summary>
    private sealed class RoomMicrophone(string server, RoomPipe? room = null) : IMicrophone
    {
        public IAudioInput Open(string source)
        {
            room?.DropBacklog();
            return PulseMicrophone.Open(source, server);
        }
    }
}
