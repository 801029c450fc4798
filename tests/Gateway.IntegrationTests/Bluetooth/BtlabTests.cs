using System.Text.Json;
using Gateway.Benchmarks.Bluetooth;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>
/// The Bluetooth side against a real bluetoothd with virtual speakers (tests/btlab). One after the other: each boots a machine of its own, and
/// they would take the processor from each other.
/// </summary>
[Collection("btlab")]
[Trait("Category", "Lab")]
public sealed class BtlabTests
{
    [Fact]
    public void Three_speakers_hear_a_minute_whole_in_time_and_together()
    {
        var heard = LabBench.Run("stream", speakers: 3, seconds: 60);

        AssertPassed(heard);
        Assert.Equal(0, heard.GetProperty("sequence_gaps").GetInt32());
        Assert.Equal(heard.GetProperty("frames_sent").GetInt64(), heard.GetProperty("frames_received").GetInt64());
        Assert.InRange(heard.GetProperty("late_p99_ms").GetDouble(), 0, 20);
        Assert.InRange(heard.GetProperty("skew_p99_ms").GetDouble(), 0, 20);
        Assert.Equal(0, heard.GetProperty("tone_jumps").GetInt32());
    }

    [Fact]
    public void Seven_speakers_on_one_adapter_all_play() => AssertPassed(LabBench.Run("stream", speakers: 7, seconds: 15));

    [Fact]
    public void A_speaker_switched_off_and_on_is_back_and_the_others_play_on() => AssertPassed(LabBench.Run("off-on", speakers: 3, seconds: 10));

    [Fact]
    public void After_a_killed_bluetoothd_all_stream_again() => AssertPassed(LabBench.Run("crash", speakers: 3, seconds: 10));

    [Fact]
    public void A_speaker_that_leaves_the_room_is_suspected_within_two_seconds_and_holds_nobody_up() => AssertPassed(LabBench.Run("vanish", speakers: 3, seconds: 10, airKbps: 3_000));

    [Fact]
    public void A_refused_pairing_is_told_and_a_later_one_works() => AssertPassed(LabBench.Run("pairing", speakers: 3, seconds: 10));

    [Fact]
    public void The_volume_goes_both_ways_without_echo() => AssertPassed(LabBench.Run("volume", speakers: 1, seconds: 10));

    [Fact]
    public void On_crowded_air_the_bitpools_fall_and_never_do_all_stutter()
    {
        var figures = LabBench.Run("air", speakers: 4, seconds: 30, airKbps: 2_000);

        AssertPassed(figures);
        Assert.InRange(figures.GetProperty("stuttering").GetInt32(), 0, 3);
    }

    [Fact]
    public void The_whole_gateway_driven_by_mqtt_alone_plays_a_file_to_three_speakers_and_brings_back_what_goes() => AssertPassed(LabBench.Run(LabBench.Product, speakers: 4, seconds: 20));

    [Fact]
    public void An_Echo_that_paired_as_people_do_it_is_heard_whole_on_three_and_on_seven_speakers_and_comes_back_whatever_it_does() => AssertPassed(LabBench.Run(LabBench.Echo, speakers: 7, seconds: 15, ownTime: true));

    [Fact]
    public void A_phone_pairs_with_the_gateway_and_is_heard_whole() => AssertPassed(LabBench.Run("phone", speakers: 1, seconds: 15));

    [Fact]
    public void A_stranger_gets_in_by_pairing_mode_and_by_nothing_else() => AssertPassed(LabBench.Run("stranger", speakers: 2, seconds: 10));

    private static void AssertPassed(JsonElement figures) => Assert.True(figures.GetProperty("pass").GetBoolean(), figures.ToString());
}

/// <summary>Keeps the lab's tests from running beside others.</summary>
[CollectionDefinition("btlab", DisableParallelization = true)]
public sealed class BtlabRuns;
