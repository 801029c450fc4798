using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Native.Pulse;
using Gateway.PulseAudio;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>One output on a real PulseAudio: what it gives on, what its clock says, and what becomes of it.</summary>
[Collection(RealTime.Name)]
public sealed class PulseOutputTests
{
    private const float Step = 1f / (1 << 20);

    [Fact]
    public Task What_is_written_is_what_the_sink_gets_frame_by_frame() => RealTime.RunAsync("A ramp through a null sink", async () =>
    {
        await using var server = await StartServerAsync();
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        using var monitor = PulseMicrophone.Open($"{PulseHouse.SinkOf(1)}.monitor", server.Address);
        var writer = new RampWriter(output);

        var heard = new List<float>();
        await Eventually.TrueAsync(() => $"a second of sound; {heard.Count} came, {output.Problem}", () =>
        {
            writer.Run();
            Read(monitor, heard);
            return heard.Count(x => x > 0) > 48_000;
        });

        Assert.Equal(48_000, output.SampleRate);
        var sound = heard.SkipWhile(x => x == 0).ToList();
        Assert.All(Enumerable.Range(1, sound.Count - 1), n => Assert.Equal(Step, sound[n] - sound[n - 1]));
        Assert.False(output.LatencyVisible); // it is a Bluetooth speaker's
    });

    [Fact]
    public Task Its_clock_tells_which_frame_the_device_took_when() => RealTime.RunAsync("The clock of a null sink", async () =>
    {
        await using var server = await StartServerAsync();
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        var writer = new RampWriter(output);
        var readings = new List<OutputClock>();

        await Eventually.TrueAsync("three seconds of readings", () =>
        {
            writer.Run();
            if (output.TryReadClock(out var clock) && (readings.Count == 0 || clock != readings[^1])) readings.Add(clock);
            return readings.Count > 0 && readings[^1].FramesConsumed > 3 * 48_000;
        }, 20);

        Assert.InRange(readings.Count, 50, 1000);
        // Readings come late, never early: the least of each second are on one line.
        var first = LineOf(readings.Where(r => r.FramesConsumed < 48_000));
        var last = LineOf(readings.Where(r => r.FramesConsumed > 96_000));
        Assert.InRange((last - first) / 1e6, -0.5, 0.5);
        Assert.All(readings, r => Assert.InRange(r.FramesConsumed, 0, writer.Written));
        Assert.Equal(0, readings[^1].UnderrunFrames);
    });

    [Fact]
    public Task A_gap_is_counted_and_what_comes_after_it_sounds_when_it_is_due() => RealTime.RunAsync("A second of nothing", async () =>
    {
        await using var server = await StartServerAsync();
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        var writer = new RampWriter(output);
        var before = default(OutputClock);
        var after = default(OutputClock);
        await Eventually.TrueAsync("it plays", () => writer.Run() && output.TryReadClock(out before) && before.FramesConsumed > 24_000);

        await Eventually.TrueAsync("it has played a second of silence", () => output.TryReadClock(out after) && after.UnderrunFrames > 48_000);
        var missed = await EventuallyAsync("it plays again", () => writer.Run() && output.TryReadClock(out after) && after.FramesConsumed - after.UnderrunFrames > 48_000);

        Assert.True(missed);
        Assert.InRange(after.UnderrunFrames, 48_000, 72_000);
        var lines = (LineOf([before]), LineOf([after]));
        Assert.InRange((lines.Item2 - lines.Item1) / 1e6, -2, 2); // the clock has not noticed
    });

    [Fact]
    public async Task Writing_and_reading_the_clock_allocate_nothing()
    {
        await using var server = await StartServerAsync();
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        var writer = new RampWriter(output);
        await Eventually.TrueAsync("it plays", () => writer.Run() && output.TryReadClock(out var clock) && clock.FramesConsumed > 24_000);

        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                writer.Run();
                output.TryReadClock(out _);
                Thread.Sleep(2);
            }
        }));
    }

    [Fact]
    public async Task Nobody_moves_its_stream_and_another_default_changes_nothing()
    {
        await using var server = await StartServerAsync(2);
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        var writer = new RampWriter(output);
        await Eventually.TrueAsync("it plays", () => writer.Run() && output.TryReadClock(out _));
        var stream = (await server.AskAsync("list", "short", "sink-inputs")).Split('\t')[0];
        var before = await server.AskAsync("get-default-sink");

        await server.ControlAsync("set-default-sink", PulseHouse.SinkOf(2));
        await Assert.ThrowsAnyAsync<Exception>(() => server.ControlAsync("move-sink-input", stream, PulseHouse.SinkOf(2)));

        Assert.Equal(PulseHouse.SinkOf(1), before.Trim());
        await PlayOnAsync(writer, output);
        Assert.Equal(PulseHouse.SinkOf(2), (await server.AskAsync("get-default-sink")).Trim());
        Assert.Contains("100%", await server.AskAsync("get-sink-volume", PulseHouse.SinkOf(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newcomer_that_the_server_makes_the_default_takes_nothing_from_it()
    {
        await using var server = await StartServerAsync();
        await server.ControlAsync("load-module", "module-switch-on-connect", "ignore_virtual=no");
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        var writer = new RampWriter(output);
        await Eventually.TrueAsync("it plays", () => writer.Run() && output.TryReadClock(out _));
        var before = await server.AskAsync("list", "short", "sink-inputs");

        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Speaker(2)));

        await PlayOnAsync(writer, output);
        Assert.Equal(PulseHouse.SinkOf(2), (await server.AskAsync("get-default-sink")).Trim()); // its user's affair
        Assert.Equal(before, await server.AskAsync("list", "short", "sink-inputs"));
    }

    [Fact]
    public async Task The_sinks_volume_stays_as_it_is_and_the_stream_is_never_muted_by_what_others_left()
    {
        await using var server = await StartServerAsync();
        await server.ControlAsync("set-sink-volume", PulseHouse.SinkOf(1), "30%");
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        var writer = new RampWriter(output);
        await Eventually.TrueAsync("it plays", () => writer.Run() && output.TryReadClock(out _));

        var streams = await server.AskAsync("list", "sink-inputs");

        Assert.Contains("30%", await server.AskAsync("get-sink-volume", PulseHouse.SinkOf(1)), StringComparison.Ordinal);
        Assert.Contains("Mute: no", streams, StringComparison.Ordinal);
        Assert.Contains("application.name = \"Tutti\"", streams, StringComparison.Ordinal);
        Assert.Contains("media.role = \"music\"", streams, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sink_that_somebody_suspends_ends_it_with_the_word_how_to_wake_it_and_is_back_when_it_is_awake()
    {
        await using var server = await StartServerAsync();
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        house.Radio.Current = house.Radio.Current with { Devices = [Linked(1)] };
        var writer = new RampWriter(output);
        await Eventually.TrueAsync("it plays", () => writer.Run() && output.TryReadClock(out _));

        await server.ControlAsync("suspend-sink", PulseHouse.SinkOf(1), "1");
        await Eventually.TrueAsync("it ends", () => !writer.Run() && !output.IsOpen);
        await Eventually.TrueAsync("it is none now", () => house.Outputs.Current.ByDevice.Count == 0);
        var why = house.Outputs.Current.Missing[PulseHouse.AddressOf(1)];
        await server.ControlAsync("suspend-sink", PulseHouse.SinkOf(1), "0");
        using var again = await house.OpenAsync(1);

        Assert.Contains($"pactl suspend-sink {PulseHouse.SinkOf(1)} 0", output.Problem, StringComparison.Ordinal);
        Assert.Contains("is suspended", why, StringComparison.Ordinal);
        var next = new RampWriter(again);
        await Eventually.TrueAsync("it plays again", () => next.Run() && again.TryReadClock(out _));
    }

    [Fact]
    public async Task Why_a_stream_ended_is_its_own_reason_and_not_the_last_of_its_connection()
    {
        await using var server = await StartServerAsync();
        using var session = PulseSession.Open(server.Address, TimeSpan.FromSeconds(5), () => { });
        using var killed = session.Play(PulseHouse.SinkOf(1), "Test", 48_000);
        await Eventually.TrueAsync("it plays", () => killed.Poll(out _, out _) == PulsePlaybackState.Playing);

        await server.ControlAsync("unload-module", "module-null-sink");
        using var unknown = session.Play("nowhere", "Test", 48_000);
        await Eventually.TrueAsync("the other ends", () => unknown.Poll(out _, out _) == PulsePlaybackState.Ended);

        Assert.Equal(PulsePlaybackState.Ended, killed.Poll(out _, out _));
        Assert.Equal((false, true), (killed.IsUnknown, unknown.IsUnknown));
        Assert.NotEqual(killed.Reason, unknown.Reason);
    }

    [Fact]
    public async Task What_is_written_in_small_pieces_goes_on_in_larger_ones_and_a_last_small_one_too()
    {
        await using var server = await StartServerAsync();
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        await Eventually.TrueAsync("it is open", () => output.FreeFrames > 0);
        var written = 0;
        for (var i = 0; i < 7; i++) written += output.Write(new float[2 * 240]);

        await Eventually.TrueAsync("the device has taken all of it", () => output.FreeFrames >= 0 && output.TryReadClock(out var clock) && clock.FramesConsumed - clock.UnderrunFrames == written);

        Assert.Equal(7 * 240, written);
    }

    [Fact]
    public async Task A_server_that_stands_still_for_two_seconds_ends_nothing()
    {
        await using var server = await StartServerAsync();
        await using var house = await PulseHouse.StartAsync(server.Address);
        using var output = await house.OpenAsync(1);
        var writer = new RampWriter(output);
        await Eventually.TrueAsync("it plays", () => writer.Run() && output.TryReadClock(out _));

        server.Freeze();
        var frozen = AudioThread.NowNanoseconds;
        while (AudioThread.NowNanoseconds - frozen < 2_000_000_000)
        {
            writer.Run();
            await Task.Delay(5);
        }

        server.Thaw();
        await PlayOnAsync(writer, output);
    }

    private static Task<PulseServer> StartServerAsync(int speakers = 1) => PulseServer.StartAsync([.. Enumerable.Range(1, speakers).Select(n => PulseHouse.Line(PulseHouse.Speaker(n)))]);

    private static RadioDevice Linked(int number) =>
        new() { Adapter = BluetoothAddress.Parse("00:AA:01:00:00:01"), Address = BluetoothAddress.Parse(PulseHouse.AddressOf(number)), Name = "Kitchen", Link = RadioLink.Connected, LinkedAs = RadioRole.Sink };

    private static async Task PlayOnAsync(RampWriter writer, IAudioOutput output)
    {
        var from = output.TryReadClock(out var clock) ? clock.FramesConsumed : 0;
        await Eventually.TrueAsync(() => $"it plays on; {output.Problem}", () => writer.Run() && output.TryReadClock(out clock) && clock.FramesConsumed > from + 48_000);
    }

    private static async Task<bool> EventuallyAsync(string what, Func<bool> condition)
    {
        await Eventually.TrueAsync(what, condition);
        return true;
    }

    /// <summary>Instant of frame 0, by the earliest of the readings.</summary>
    private static double LineOf(IEnumerable<OutputClock> readings) => readings.Min(r => r.AtNanoseconds - (r.FramesConsumed * 1e9 / 48_000));

    private static void Read(PulseMicrophone monitor, List<float> heard)
    {
        var block = new float[2 * 4_800];
        for (var frames = monitor.Read(block); frames > 0; frames = monitor.Read(block))
            for (var i = 0; i < frames; i++) heard.Add(block[2 * i]);
    }

    /// <summary>Frame n holds n / 2^20, from 1 on, which a float holds exactly.</summary>
    private sealed class RampWriter(IAudioOutput output)
    {
        private readonly float[] _block = new float[2 * 480];

        public int Written { get; private set; }

        /// <summary>Writes what fits; false: it is not open.</summary>
        public bool Run()
        {
            for (var free = output.FreeFrames; free >= 480; free = output.FreeFrames)
            {
                for (var i = 0; i < 480; i++) _block[2 * i] = _block[(2 * i) + 1] = (Written + i + 1) % (1 << 20) * Step;
                var taken = output.Write(_block);
                Written += taken;
                if (taken == 0) break;
            }

            return output.IsOpen;
        }
    }
}
