using System.Text.Json;
using Gateway.Benchmarks.Bluetooth;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>
/// The Bluetooth side against a real bluetoothd with virtual speakers (tests/btlab). One after the other: each boots a machine of its own, and
/// they would take the processor from each other. What is judged here is what holds on any machine; milliseconds are <c>./bench bluetooth</c>'s.
/// </summary>
[Collection("btlab")]
[Trait("Category", "Lab")]
public sealed class BtlabTests
{
    [Fact]
    public void Three_speakers_hear_half_a_minute_whole_in_time_and_together()
    {
        var heard = Run("stream", speakers: 3, seconds: 30);

        Assert.Equal(0, heard.GetProperty("sequence_gaps").GetInt32());
        Assert.Equal(heard.GetProperty("frames_sent").GetInt64(), heard.GetProperty("frames_received").GetInt64());
        if (heard.GetProperty(MachineMeter.Steady).GetBoolean()) Assert.InRange(heard.GetProperty("skew_p99_ms").GetDouble(), 0, 20); // stamped by the kernel
        Assert.Equal(0, heard.GetProperty("tone_jumps").GetInt32());
    }

    [Fact]
    public void Seven_speakers_on_one_adapter_all_play() => Run("stream", speakers: 7, seconds: 15);

    [Fact]
    public void A_speaker_switched_off_and_on_is_back_and_the_others_play_on() => Run("off-on", speakers: 3, seconds: 10);

    [Fact]
    public void After_a_killed_bluetoothd_all_stream_again() => Run("crash", speakers: 3, seconds: 10);

    [Fact]
    public void A_speaker_that_leaves_the_room_is_suspected_and_holds_nobody_up() => Run("vanish", speakers: 3, seconds: 10, airKbps: 3_000);

    [Fact]
    public void Where_the_controller_cannot_be_listened_to_nobody_is_given_up_for_anothers_packets_and_all_go_on() => Run(LabBench.Deaf, speakers: 3, seconds: 10, airKbps: 3_000);

    [Fact]
    public void A_refused_pairing_is_told_and_a_later_one_works() => Run("pairing", speakers: 3, seconds: 10);

    [Fact]
    public void The_volume_goes_both_ways_without_echo() => Run("volume", speakers: 1, seconds: 10);

    [Fact]
    public void On_crowded_air_the_bitpools_fall_and_never_do_all_stutter()
    {
        var figures = Run("air", speakers: 4, seconds: 30, airKbps: 2_000);

        Assert.InRange(figures.GetProperty("stuttering").GetInt32(), 0, 3);
    }

    [Fact]
    public void The_whole_gateway_driven_by_mqtt_alone_plays_a_file_to_three_speakers_and_brings_back_what_goes() => Run(LabBench.Product, speakers: 4, seconds: 10);

    [Fact]
    public void An_echo_paired_by_the_guided_way_feeds_speakers_on_one_adapter_then_on_two_and_is_back_after_all_it_does() => Run(LabBench.Echo, speakers: 3, seconds: 5);

    [Fact]
    public void A_phone_pairs_with_the_gateway_and_is_heard_whole() => Run("phone", speakers: 1, seconds: 15);

    [Fact]
    public void A_stranger_gets_in_by_pairing_mode_and_by_nothing_else() => Run("stranger", speakers: 2, seconds: 10);

    private static JsonElement Run(string scenario, int speakers, int seconds, int airKbps = 0)
    {
        var figures = LabBench.Run(scenario, speakers, seconds, airKbps, verdict: LabBench.Holds);
        Assert.True(LabBench.Passed(figures, LabBench.Holds), $"{scenario}: {figures}");
        return figures;
    }
}

/// <summary>Keeps the lab's tests from running beside others.</summary>
[CollectionDefinition("btlab", DisableParallelization = true)]
public sealed class BtlabRuns;
