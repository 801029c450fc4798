using System.Text.Json.Nodes;
using Gateway.Engine.Ports;

namespace Gateway.IntegrationTests.Playback;

/// <summary>
/// What the gateway says about its speakers, held against what the simulated house says on <c>tutti-sim/truth</c>, which the gateway
/// cannot see. Each house goes by a clock of its own, which waits for its threads of sound: a busy machine makes it slow, and its sound never late.
/// </summary>
public sealed class HonestyTests
{
    private const double AgreementMs = 0.2;

    /// <summary>Of the houses' clocks: what two processors manage.</summary>
    private const double MostSpeed = 4;

    [Fact]
    public Task Figures_agree_with_the_truth_in_every_house_and_the_class_follows_what_happens() =>
        Task.WhenAll(
            Task.Run(() => RealTime.RunAsync("The house with a starved speaker (seed 1)", StarveAsync)),
            Task.Run(() => RealTime.RunAsync("The house with a speaker that comes back (seed 2)", ReconnectAsync)),
            Task.Run(() => RealTime.RunAsync("The house whose calibration is undone (seed 3)", UndoAsync)));

    [Fact]
    public Task Who_moves_while_it_plays_is_heard_and_brought_back_and_who_is_not_heard_has_no_class() =>
        Task.WhenAll(
            Task.Run(() => RealTime.RunAsync("The house with a speaker that re-buffers behind a gap in the recording (seed 5)", TrackingAsync)),
            Task.Run(() => RealTime.RunAsync("The house with a speaker that moves and is not heard (seed 6)", UnheardAsync)));

    [Fact]
    public async Task Without_a_microphone_nothing_is_measured_and_nothing_looks_good()
    {
        await using var house = await SoundingHouse.StartAsync(seed: 4, speakers: 2, audio: "audio: { microphone: off }", speed: MostSpeed);
        await house.PlayAsync();

        var (result, reason) = await house.PressAsync("calibrate");

        Assert.Equal("refused", result);
        Assert.Contains("audio.microphone", reason, StringComparison.Ordinal);
        var heard = await house.Ear.HearsAsync("tutti/speaker/s1/sync", seconds: 20);
        var figures = JsonNode.Parse(heard.Text)!;
        Assert.Null(figures["offset_ms"]);
        Assert.Null(figures["latency_ms"]);
        Assert.NotEqual("acoustic", (string?)figures["evidence"]);
        Assert.False(heard.Retain);
        Assert.Null(house.Class);
    }

    /// <summary>From unknown over what was measured to locked; and split while one speaker gets no sound.</summary>
    private static async Task StarveAsync()
    {
        await using var house = await SoundingHouse.StartAsync(seed: 1, speakers: 3, speed: MostSpeed);
        await house.PlayAsync();
        Assert.Null(house.Class);

        var (result, reason) = await house.PressAsync("calibrate");

        Assert.True(result == "done", reason);
        Assert.Contains("apart before", reason, StringComparison.Ordinal);
        var before = house.Ear.On("tutti/group/all/state").Select(h => JsonNode.Parse(h.Text)!["sync"]!).FirstOrDefault(s => s["class"] is not null);
        Assert.True(before is not null && (double)before["spread_ms"]! > 1, "The spread before was not published.");
        await house.UntilAsync("the class locked", () => house.Class == "locked", 30);
        Assert.InRange(await house.LargestErrorMsAsync(3), 0, AgreementMs);

        await house.ControlAsync("""{"speaker":"s2","do":"starve","value":8000}""");
        await house.UntilAsync("the class split", () => house.Class == "split", 15);
        await house.UntilAsync("the drop-out to be told", () => house.HasHappened("dropout", "s2"), 5);
    }

    /// <summary>A new link is a new latency: null until it is measured again, and then right again.</summary>
    private static async Task ReconnectAsync()
    {
        await using var house = await SoundingHouse.StartAsync(seed: 2, speakers: 3, speed: MostSpeed);
        await house.PlayAsync();
        var (result, reason) = await house.PressAsync("calibrate");
        Assert.True(result == "done", reason);
        await house.PassAsync(4); // the truth looks back two seconds
        Assert.InRange(await house.LargestErrorMsAsync(2), 0, AgreementMs);

        house.Ear.Forget();
        await house.ControlAsync("""{"speaker":"s3","do":"off"}""");
        await house.UntilAsync("the speaker to be missing", () => house.HasHappened("member_missing", "s3"), 15);
        await house.ControlAsync("""{"speaker":"s3","do":"on"}""");
        await house.UntilAsync("the speaker to need calibration", () => house.HasHappened("needs_calibration", "s3"), 30);
        await house.UntilAsync("the class null and the calibration stale", () => (string?)house.Group["phase"] == "playing" && house.Class is null && CalibrationState(house) == "stale", 15);

        (result, reason) = await house.PressAsync("calibrate");
        Assert.True(result == "done", reason);
        Assert.Equal("valid", CalibrationState(house));
        await house.PassAsync(4);
        Assert.InRange(await house.LargestErrorMsAsync(2), 0, AgreementMs);
    }

    /// <summary>Undone is as far apart as before, and the gateway says so.</summary>
    private static async Task UndoAsync()
    {
        await using var house = await SoundingHouse.StartAsync(seed: 3, speakers: 2, speed: MostSpeed);
        await house.PlayAsync();
        var (result, reason) = await house.PressAsync("calibrate");
        Assert.True(result == "done", reason);
        await house.PassAsync(4);
        Assert.InRange(await house.LargestErrorMsAsync(2), 0, AgreementMs);

        Assert.Equal("done", (await house.PressAsync("calibrate_undo")).Result);
        await house.PassAsync(4);
        Assert.InRange(await house.LargestErrorMsAsync(2), 0, AgreementMs);
        await house.UntilAsync("a class that is not locked", () => house.Class is not (null or "locked"), 20);
        await house.UntilAsync("the plot", () => house.Ear.Last("tutti/gateway/gw/sync_plot")?.Contains("<svg", StringComparison.Ordinal) == true, 30);
    }

    /// <summary>
    /// A speaker that re-buffers while it plays is out of time and nobody's clock shows it: heard, told, and brought back without a calibration.
    /// And all that by a microphone that is slow to open and loses three seconds at the same moment: behind a gap nobody is where he was in the recording.
    /// </summary>
    private static async Task TrackingAsync()
    {
        await using var house = await SoundingHouse.StartAsync(
            seed: 5, speakers: 3, audio: "audio: { microphone: simulated, tracking: true }", microphone => new SlowMicrophone(microphone), MostSpeed);
        await house.PlayAsync();
        var (result, reason) = await house.PressAsync("calibrate");
        Assert.True(result == "done", reason);
        await house.UntilAsync("the class locked", () => house.Class == "locked", 30);

        await house.PassAsync(5); // it listens
        await house.ControlAsync("""{"microphone":"room","do":"lose","value":3000}""");
        var latency = await house.TrueLatencyMsAsync("s2");
        await house.ControlAsync($$"""{"speaker":"s2","do":"latency","value":{{(latency + 6).ToString(System.Globalization.CultureInfo.InvariantCulture)}}}""");

        await house.UntilAsync("the move to be heard", () => house.HasHappened("jump", "s2"), 120);
        await house.PassAsync(15);
        Assert.InRange(await house.LargestErrorMsAsync(2), 0, AgreementMs);
        await house.UntilAsync("the class locked again", () => house.Class == "locked", 30);
        Assert.InRange(await house.TrueSpreadMsAsync(), 0, 0.5);
    }

    /// <summary>A speaker that moves and is not heard: what is known of it is old, and is told to be so until it is heard again.</summary>
    private static async Task UnheardAsync()
    {
        await using var house = await SoundingHouse.StartAsync(seed: 6, speakers: 3, audio: "audio: { microphone: simulated, tracking: true }", speed: MostSpeed);
        await house.PlayAsync();
        var (result, reason) = await house.PressAsync("calibrate");
        Assert.True(result == "done", reason);
        await house.UntilAsync("the class locked", () => house.Class == "locked", 30);

        var latency = await house.TrueLatencyMsAsync("s2");
        await house.ControlAsync("""{"speaker":"s2","do":"muffle"}""");
        await house.ControlAsync($$"""{"speaker":"s2","do":"latency","value":{{(latency + 6).ToString(System.Globalization.CultureInfo.InvariantCulture)}}}""");
        await house.UntilAsync("no class, and no spread", () => house.Class is null && house.Group["sync"]!["spread_ms"] is null, 90);
        await house.UntilAsync("the reason", () => ((string?)house.Group["problem"]?["text"])?.Contains("Speaker 2 should have been heard", StringComparison.Ordinal) == true, 15);
        Assert.True(house.HasHappened("needs_calibration", "s2"));
        Assert.Equal("playing", (string?)house.Group["phase"]);

        await house.ControlAsync("""{"speaker":"s2","do":"unmuffle"}""");
        await house.UntilAsync("the class to be back", () => house.Class == "locked", 120);
        await house.UntilAsync("no problem any more", () => house.Group["problem"] is null, 15);
        Assert.InRange(await house.TrueSpreadMsAsync(), 0, 0.5);
    }

    private static string? CalibrationState(SoundingHouse house) =>
        house.Ear.Last("tutti/speaker/s3/state") is { } text ? (string?)JsonNode.Parse(text)!["calibration"]!["state"] : null;

    /// <summary>Records already while its owner still waits for it, as a machine does that has much to do.</summary>
    private sealed class SlowMicrophone(IMicrophone inner) : IMicrophone
    {
        public IAudioInput Open(string source)
        {
            var input = inner.Open(source);
            Thread.Sleep(400);
            return input;
        }
    }
}
