using Gateway.House;
using Gateway.Playback.TestSound;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>The test sound of one speaker, as it arrives there.</summary>
public sealed class BlueZTestSoundTests
{
    [Fact]
    public async Task The_test_sound_is_heard_at_the_speaker_at_its_level_and_done_comes_after_it()
    {
        await using var house = await BlueZHouse.StartAsync();
        var air = new FakeAir(house.BlueZ);
        await house.AskAsync("speaker/kitchen/connected", "ON");

        var end = await house.AskAsync("speaker/kitchen/test", "PRESS");
        // With the answer the stream is closed: one that came too early would cut the sound short.
        var stream = Assert.Single(air.Heard).Value;
        await Eventually.TrueAsync(() => "the stream to be closed", () => stream.IsOver && house.BlueZ.Calls.Contains("Release"));

        Assert.Equal((CommandResult.Done, "A test sound went out to Kitchen over hci0 (3 s); did you hear it?"), (end.Result, end.Reason));
        Assert.Contains(house.Events, e => e is { EventType: HouseEventType.Pairing, Device: "kitchen" } && e.Text == end.Reason);
        Assert.InRange(stream.Beginning.Max(Math.Abs), 0.09f, 0.19f); // -20 to -15 dBFS, give or take what SBC makes of it
        Assert.InRange(stream.Beginning.Length, 2.9 * 48_000, 4 * 48_000);
        Assert.True(Likeness(stream.Beginning) > 0.98, $"unlike the test sound: {Likeness(stream.Beginning)}");
        Assert.True(house.Speaker.Connected);
    }

    [Fact]
    public async Task A_speaker_that_takes_nothing_is_not_said_to_have_got_it()
    {
        await using var house = await BlueZHouse.StartAsync();
        _ = new FakeAir(house.BlueZ);
        await house.AskAsync("speaker/kitchen/connected", "ON");
        house.BlueZ.Fail("Acquire", "org.bluez.Error.Failed", "Operation failed");

        var end = await house.AskAsync("speaker/kitchen/test", "PRESS");

        Assert.Equal(CommandResult.Failed, end.Result);
        Assert.Equal(
            "The test sound did not go out whole to Kitchen: the way to it could not be opened. Switch the speaker off and on, connect it again, then press Test sound.", end.Reason);
    }

    [Fact]
    public async Task It_is_refused_in_words_while_the_speaker_is_away_and_while_its_group_is_on()
    {
        await using var house = await BlueZHouse.StartAsync();
        _ = new FakeAir(house.BlueZ);

        var away = await house.AskAsync("speaker/kitchen/test", "PRESS");
        var odd = await house.AskAsync("speaker/kitchen/test", "ON");
        await house.AskAsync("group/party/active", "ON");
        var playing = await house.AskAsync("speaker/kitchen/test", "PRESS");

        Assert.Equal((CommandResult.Refused, "Kitchen is not connected for sound. Switch its Connected on, then press Test sound."), (away.Result, away.Reason));
        Assert.Equal(CommandResult.Refused, odd.Result);
        Assert.Equal((CommandResult.Refused, "Kitchen belongs to Party, which is on: what Party plays is its test. Switch Party off to hear the test sound."), (playing.Result, playing.Reason));
    }

    [Fact]
    public async Task It_is_refused_where_a_sound_server_has_the_sound()
    {
        await using var house = await BlueZHouse.StartAsync("pulse");

        var end = await house.AskAsync("speaker/kitchen/test", "PRESS");

        Assert.Equal(CommandResult.Refused, end.Result);
        Assert.StartsWith("The gateway cannot play on Kitchen: Bluetooth sound is left to a sound server here, because bluetooth.audio is pulse, and none listens where the gateway looks for it (", end.Reason, StringComparison.Ordinal);
    }

    /// <summary>Correlation of what was heard with the test sound at the best of the lags that a codec and a packet border make.</summary>
    private static double Likeness(float[] heard)
    {
        var best = 0.0;
        for (var lag = 0; lag < 2_000; lag++)
        {
            var (product, sound, other) = (0.0, 0.0, 0.0);
            for (var i = 0; i + lag < heard.Length && i < 2 * 48_000; i += 5)
            {
                var (a, b) = (TestChimeAt[i], heard[i + lag]);
                (product, sound, other) = (product + (a * b), sound + (a * a), other + (b * b));
            }

            best = Math.Max(best, product / Math.Sqrt((sound * other) + 1e-12));
        }

        return best;
    }

    private static float[] TestChimeAt { get; } = [.. Enumerable.Range(0, 2 * 48_000).Select(i => TestChime.At(i, 48_000))];
}
