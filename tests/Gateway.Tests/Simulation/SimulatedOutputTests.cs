using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Simulation;
using static Gateway.Tests.Simulation.DemoHouse;

namespace Gateway.Tests.Simulation;

public sealed class SimulatedOutputTests
{
    private const double MostJitterNs = 100_000;

    [Fact]
    public async Task The_device_takes_blocks_by_its_own_clock_however_rarely_it_is_looked_at()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a"]);
        stage.Play(TimeSpan.FromMilliseconds(100));
        Assert.True(stage.Output("flip_a").TryReadClock(out var early));

        stage.Play(TimeSpan.FromSeconds(10));
        stage.House.Time.Advance(TimeSpan.FromMilliseconds(137));
        stage.Output("flip_a").TryReadClock(out var late);

        var frames = late.FramesConsumed - early.FramesConsumed;
        var exact = frames * 1e9 / (48_000 * (1 + (stage.House.Truth("flip_a").ClockPpm * 1e-6)));
        Assert.Equal(0, late.FramesConsumed % 240);
        Assert.InRange(late.AtNanoseconds - early.AtNanoseconds - exact, -MostJitterNs, MostJitterNs);
        Assert.InRange(stage.Nanoseconds - late.AtNanoseconds, 0, 5_200_000);
        Assert.Equal(0, late.UnderrunFrames);
    }

    [Fact]
    public async Task Eight_tenths_without_a_writer_are_zeros_counted_to_the_frame_and_the_clock_is_not_moved()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a"]);
        // The house looks at its outputs on whole seconds; none of them falls into the gap.
        stage.Play(TimeSpan.FromMilliseconds(1100 - stage.House.Time.GetUtcNow().Millisecond));
        var output = stage.Output("flip_a");
        output.TryReadClock(out var before);

        stage.House.Time.Advance(TimeSpan.FromSeconds(0.8));
        output.Write(new float[2 * 16_384]); // comes too late to fill the gap
        output.TryReadClock(out var after);

        var frames = after.FramesConsumed - before.FramesConsumed;
        var exact = frames * 1e9 / (48_000 * (1 + (stage.House.Truth("flip_a").ClockPpm * 1e-6)));
        Assert.InRange(after.AtNanoseconds - before.AtNanoseconds - exact, -MostJitterNs, MostJitterNs);
        Assert.Equal(after.FramesConsumed - stage.Written("flip_a"), after.UnderrunFrames);
    }

    [Fact]
    public async Task Starving_takes_zeros_for_exactly_so_long_and_delays_what_follows()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a", "emberton"]);
        stage.Play(TimeSpan.FromSeconds(3));
        var before = Apart(stage, "flip_a", "emberton");

        stage.House.Control("""{"speaker":"flip_a","do":"starve","value":50}""");
        stage.Play(TimeSpan.FromSeconds(3));
        stage.Output("flip_a").TryReadClock(out var clock);

        Assert.Equal(2400, clock.UnderrunFrames);
        // In three seconds the two clocks part a little too.
        Assert.InRange(Apart(stage, "flip_a", "emberton") - before, 50 - 0.7, 50 + 0.7);
    }

    [Fact]
    public async Task Truth_is_the_arrival_of_the_same_frame_by_clock_hidden_latency_and_air()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a", "emberton"]);
        stage.Play(TimeSpan.FromMilliseconds(40));
        var start = new Dictionary<string, (long Frames, long At)>();
        foreach (var id in (string[])["flip_a", "emberton"])
        {
            stage.Output(id).TryReadClock(out var clock);
            start[id] = (clock.FramesConsumed, clock.AtNanoseconds);
        }

        stage.Play(TimeSpan.FromSeconds(10));
        var measured = Apart(stage, "flip_a", "emberton");

        // The middle of the segment that was correlated lies 0.68 s back, less the speakers' latency.
        var elapsed = 10 - 0.68 - 0.2;
        var expected = At("flip_a") - At("emberton");
        Assert.InRange(measured - expected, -0.13, 0.13); // both readings' jitter is in it

        double At(string id)
        {
            var truth = stage.House.Truth(id);
            // Block n is read off as taken when it begins, so its end is due a block later.
            var block = start[id].At + (((elapsed * 48_000) - start[id].Frames + 240) * 1e9 / (48_000 * (1 + (truth.ClockPpm * 1e-6))));
            return (block / 1e6) + truth.LatencyMs + (1000 * new Acoustics(1).Of(id).DirectSeconds);
        }
    }

    [Fact]
    public async Task Equal_streams_on_equal_clocks_differ_by_latency_and_air_alone_to_a_hundredth_of_a_millisecond()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a", "emberton", "flex"]);
        foreach (var id in (string[])["flip_a", "emberton", "flex"]) stage.House.Control($$"""{"speaker":"{{id}}","do":"ppm","value":0}""");

        stage.Play(TimeSpan.FromSeconds(4));

        foreach (var (one, other) in ((string, string)[])[("flip_a", "emberton"), ("emberton", "flex")])
        {
            var known = Fixed(one) - Fixed(other);
            Assert.InRange(Apart(stage, one, other) - known, -0.01, 0.01);
        }

        double Fixed(string id) => stage.House.Truth(id).LatencyMs + (1000 * new Acoustics(1).Of(id).DirectSeconds);
    }

    [Fact]
    public async Task A_new_clock_rate_changes_the_slope_and_makes_no_step()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a"]);
        var output = stage.Output("flip_a");
        stage.House.Control("""{"speaker":"flip_a","do":"ppm","value":0}""");
        stage.Play(TimeSpan.FromSeconds(1));
        output.TryReadClock(out var before);

        stage.House.Control("""{"speaker":"flip_a","do":"ppm","value":1000}""");
        stage.Play(TimeSpan.FromSeconds(10));
        output.TryReadClock(out var after);

        var frames = after.FramesConsumed - before.FramesConsumed;
        // The block that was being taken at the change still ends by the old rate: 5 us.
        Assert.InRange(after.AtNanoseconds - before.AtNanoseconds - (frames * 1e9 / (48_000 * 1.001)), -MostJitterNs - 5000, MostJitterNs + 5000);
    }

    [Fact]
    public async Task L7_an_echo_that_receives_from_us_sounds_like_a_speaker()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a"]);
        var left = stage.House.Echo("Left").BluetoothAddress!;
        await stage.House.EndAsync(stage.House.Bluetooth.ConnectAsync(Hci0, left, RadioRole.Sink, CancellationToken.None));
        var music = new Music(1, "kitchen");
        stage.Open("left", left, music.Read);

        stage.Play(TimeSpan.FromSeconds(3));

        Assert.NotNull(stage.House.Truth("left").ArrivalMs);
        Assert.Equal(0, stage.House.Truth("left").ArrivalMs!.Value + stage.House.Truth("flip_a").ArrivalMs!.Value, 9);
    }

    [Fact]
    public async Task A_speaker_alone_is_its_own_reference_and_one_that_plays_something_else_has_no_arrival()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a"]);
        stage.Play(TimeSpan.FromSeconds(2));
        Assert.Equal(0, stage.House.Truth("flip_a").ArrivalMs);
        await stage.House.ConnectAsync(Hci0, "emberton");
        await stage.House.ConnectAsync(Hci0, "flex");
        var other = new Music(1, "other");
        stage.Open("emberton", other.Read);
        stage.Open("flex", (_, into) => into.Clear());

        stage.Play(TimeSpan.FromSeconds(4));

        Assert.All(stage.House.House.Truth(), t => Assert.Null(t.ArrivalMs));
    }

    [Fact]
    public async Task A_lost_link_closes_the_output_and_a_new_one_needs_a_new_link()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a"]);
        stage.Play(TimeSpan.FromSeconds(1));

        stage.House.Control("""{"speaker":"flip_a","do":"off"}""");

        Assert.False(stage.Output("flip_a").IsOpen);
        Assert.Equal(0, stage.Output("flip_a").Write(new float[480]));
        var refused = Assert.Throws<PortException>(() => stage.House.House.Audio.OpenOutput(Hci0, BluetoothAddress.Parse(stage.House.Speaker("flip_a"))));
        Assert.Equal(PortError.NotReachable, refused.Error);
        Assert.Null(stage.House.Truth("flip_a").ArrivalMs);
    }

    [Fact]
    public async Task An_output_is_open_once_and_free_again_when_disposed()
    {
        await using var stage = await SoundStage.OpenAsync(Music(), ["flip_a"]);
        Assert.Throws<PortException>(() => stage.House.House.Audio.OpenOutput(Hci0, BluetoothAddress.Parse(stage.House.Speaker("flip_a"))));

        stage.Output("flip_a").Dispose();

        using var again = stage.House.House.Audio.OpenOutput(Hci0, BluetoothAddress.Parse(stage.House.Speaker("flip_a")));
        Assert.True(again.IsOpen);
        Assert.False(again.TryReadClock(out _));
    }

    [Fact]
    public async Task S1_stays_on_while_it_sounds_and_goes_off_on_digital_silence()
    {
        await using var stage = await SoundStage.OpenAsync((_, _, into) => into.Fill(0.0005f), ["flip_a"]);
        await stage.House.ConnectAsync(Hci0, "flip_b");
        stage.Open("flip_b", (_, into) => into.Clear());

        for (var i = 0; i < 12 * 60; i++)
        {
            stage.Play(TimeSpan.FromMilliseconds(10));
            stage.House.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(stage.Output("flip_a").IsOpen);
        Assert.False(stage.Output("flip_b").IsOpen);
    }

    private static Action<string, long, Span<float>> Music()
    {
        var music = new Music(1, "kitchen");
        return (_, position, into) => music.Read(position, into);
    }

    private static double Apart(SoundStage stage, string one, string other)
    {
        var truth = stage.House.House.Truth();
        return truth.Single(t => t.Speaker == one).ArrivalMs!.Value - truth.Single(t => t.Speaker == other).ArrivalMs!.Value;
    }
}
