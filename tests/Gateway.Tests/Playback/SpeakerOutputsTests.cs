using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Playback;
using Gateway.Playback.Audio;
using Gateway.Playback.KeepAwake;
using Gateway.Playback.TestSound;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Playback;

/// <summary>Who has which output: one owner at a time, and a stream that goes on from hand to hand.</summary>
public sealed class SpeakerOutputsTests
{
    private static readonly PlaybackMember s_lounge = new("lounge", "Lounge", At("00:AA:77:00:00:01"), 0) { KeepAwake = true };
    private readonly FakeTimeProvider _time = new();
    private readonly OpeningPort _port = new();
    private readonly SpeakerOutputs _outputs;

    public SpeakerOutputsTests() => _outputs = new SpeakerOutputs(new SoundProviders([_port], [], null!), _time, NullLogger.Instance);

    private static OutputRef At(string address) => new(BluetoothLinks.Scheme, BluetoothLinks.KeyOf(BluetoothAddress.Parse("00:AA:01:00:00:01"), BluetoothAddress.Parse(address)), "00:AA:01:00:00:01|SBC|own");

    [Fact]
    public void A_speaker_without_a_volume_of_its_own_is_turned_down_from_its_first_sample_on_and_evenly_to_another()
    {
        var attic = s_lounge with { Speaker = "attic", KeepAwake = false, VolumePercent = 50 };
        var output = _outputs.Take(attic);
        var block = new float[960];
        Array.Fill(block, 0.8f);

        output.Write(block);
        output.Follow(attic with { VolumePercent = 100 });
        for (var i = 0; i < 4; i++) output.Write(block);
        Run(seconds: 0.1);
        _ = output.FreeFrames; // the device takes what is due

        var played = Assert.Single(_port.Opened).Played.TakeWhile(x => !float.IsNaN(x)).ToList();
        Assert.All(played.Take(480), sample => Assert.Equal(0.1f, sample, 1e-6f)); // a half is an eighth of the amplitude
        Assert.Equal(0.8f, played[^1]);
        Assert.True(played.Zip(played.Skip(1)).Max(p => p.Second - p.First) < 0.001f);
    }

    [Fact]
    public void A_speaker_that_shall_stay_awake_hears_a_tone_from_one_output_for_as_long_as_it_shall()
    {
        _outputs.KeepAwake([s_lounge]);
        Run(seconds: 3);
        var output = Assert.Single(_port.Opened);
        var heard = output.Played.Skip(48_000).Max();

        _outputs.KeepAwake([]);

        Assert.InRange(heard, 0.0119f, 0.0121f);
        Assert.DoesNotContain(output.Played, float.IsNaN); // no gap
        Assert.False(output.IsOpen);
    }

    [Fact]
    public void A_group_gets_the_same_output_gives_it_back_and_is_alone_on_it_meanwhile_without_a_gap_or_a_step()
    {
        _outputs.KeepAwake([s_lounge]);
        Run(seconds: 2);
        var taken = _outputs.Take(s_lounge);
        var before = taken.Written;
        _outputs.Tick();
        Assert.Equal(before, taken.Written);
        var frame = 0;
        Run(seconds: 2, () => frame += Play(taken, frame));

        _outputs.GiveBack(s_lounge, taken);
        Run(seconds: 2);

        var played = Assert.Single(_port.Opened).Played;
        Assert.DoesNotContain(played, float.IsNaN);
        Assert.Contains(played, sample => sample > 0.4f);
        // A sine of 200 Hz at half scale moves by 0.013 a sample; cut off anywhere, it would step by up to 0.5.
        Assert.True(played.Zip(played.Skip(1)).Max(p => Math.Abs(p.First - p.Second)) < 0.014f);
        Assert.InRange(played[^24_000..].Max(), 0.0119f, 0.0121f);
    }

    [Fact]
    public void A_speaker_whose_opening_is_a_fault_is_tried_ever_less_often_and_keeps_no_other_from_being_fed()
    {
        _port.BreaksFor = "00:AA:77:00:00:02";
        _outputs.KeepAwake([s_lounge with { Speaker = "bath", Output = At(_port.BreaksFor) }, s_lounge]);

        Run(seconds: 10);

        Assert.InRange(Assert.Single(_port.Opened).Played.Max(), 0.0119f, 0.0121f);
        Assert.InRange(_port.Tries, 3, 6); // one of them the other's
    }

    [Fact]
    public void Without_keep_awake_an_output_is_closed_when_it_is_given_back()
    {
        var output = _outputs.Take(s_lounge);

        _outputs.GiveBack(s_lounge, output);

        Assert.False(Assert.Single(_port.Opened).IsOpen);
    }

    [Fact]
    public void A_speaker_that_plays_in_one_group_is_not_lent_to_another()
    {
        _outputs.Take(s_lounge);

        var refused = Assert.Throws<PortException>(() => _outputs.Take(s_lounge));

        Assert.Equal("Lounge still plays in another group.", refused.Message);
        Assert.Single(_port.Opened);
    }

    [Fact]
    public void A_lost_link_is_fed_again_when_it_is_back_and_one_that_does_not_come_is_asked_for_ever_less_often()
    {
        _outputs.KeepAwake([s_lounge]);
        Run(seconds: 1);
        _port.Opened[0].IsOpen = false;
        _port.Away = true;
        Run(seconds: 120);
        var tries = _port.Tries;
        _port.Away = false;
        Run(seconds: 70);

        Assert.InRange(tries, 5, 12);
        Assert.Equal(2, _port.Opened.Count);
        Assert.True(_port.Opened[1].Played.Count > 48_000);
    }

    [Fact]
    public void A_fault_of_one_that_is_kept_awake_or_tested_closes_it_alone_and_it_is_opened_again()
    {
        var (attic, porch) = (s_lounge with { Speaker = "attic", Name = "Attic" }, s_lounge with { Speaker = "porch", Name = "Porch", KeepAwake = false });
        _outputs.KeepAwake([s_lounge, attic]);
        var test = _outputs.Test(porch);
        Run(seconds: 1);
        _port.Opened[0].Breaks = _port.Opened[1].Breaks = true; // the one under test was opened first

        Run(seconds: 3);

        Assert.Equal("The test sound did not go out whole to Porch: the way to it broke off while the sound played.", test.Ended.Exception?.InnerException?.Message);
        Assert.Equal([false, false, true, true], _port.Opened.Select(o => o.IsOpen));
        Assert.DoesNotContain(float.NaN, _port.Opened[2].Played);
        Assert.True(_port.Opened[3].Played.Count > 24_000);
    }

    [Fact]
    public void A_new_link_elsewhere_gets_an_output_of_its_own()
    {
        _outputs.KeepAwake([s_lounge]);
        Run(seconds: 1);

        _outputs.KeepAwake([s_lounge with { Output = new OutputRef(BluetoothLinks.Scheme, BluetoothLinks.KeyOf(BluetoothAddress.Parse("00:AA:01:00:00:02"), BluetoothAddress.Parse("00:AA:77:00:00:01")), "00:AA:01:00:00:02|SBC|own") }]);
        Run(seconds: 1);

        Assert.Equal([false, true], _port.Opened.Select(o => o.IsOpen));
    }

    [Fact]
    public void The_test_sound_goes_out_whole_and_once_and_has_ended_when_the_device_took_its_last_frame()
    {
        var test = _outputs.Test(s_lounge with { KeepAwake = false });
        Run(seconds: 3.1);
        var early = test.Ended.IsCompleted;
        Run(seconds: 0.4);

        var output = Assert.Single(_port.Opened);
        Assert.Equal((false, true, false), (early, test.Ended.IsCompletedSuccessfully, output.IsOpen));
        Assert.Equal(Enumerable.Range(0, 3 * 48_000).Select(i => TestChime.At(i, 48_000)), output.Played.Take(3 * 48_000));
        Assert.All(output.Played.Skip(3 * 48_000), sample => Assert.InRange(sample, -1e-6f, 1e-6f)); // the rest of the last sample falls
        Assert.InRange(output.Played.Max(Math.Abs), 0.1f, 0.178f); // -20 to -15 dBFS
    }

    [Fact]
    public void On_a_speaker_that_is_kept_awake_the_test_sound_has_the_same_output_and_what_it_took_before_counts_as_nothing()
    {
        _outputs.KeepAwake([s_lounge]);
        Run(seconds: 10);
        var test = _outputs.Test(s_lounge);
        Run(seconds: 2.9);
        var early = test.Ended.IsCompleted;
        Run(seconds: 3);

        var output = Assert.Single(_port.Opened);
        Assert.Equal((false, true, true), (early, test.Ended.IsCompletedSuccessfully, output.IsOpen));
        Assert.DoesNotContain(output.Played, float.IsNaN);
        Assert.InRange(output.Played.Max(), 0.1f, 0.19f);
        Assert.InRange(output.Played[^24_000..].Max(), 0.0119f, 0.0121f);
    }

    [Fact]
    public void Zeros_that_fill_gaps_are_no_part_of_the_test_sound()
    {
        var test = _outputs.Test(s_lounge);
        Run(seconds: 1);
        _port.Opened[0].Starve(48_000);
        Run(seconds: 2.9);
        var early = test.Ended.IsCompleted;
        Run(seconds: 1);

        Assert.Equal((false, true), (early, test.Ended.IsCompletedSuccessfully));
    }

    [Theory]
    [InlineData(false, "The test sound did not go out whole to Lounge: it took none of it within 20 s.")]
    [InlineData(true, "The test sound did not go out whole to Lounge: the way to it could not be opened.")]
    public void A_device_that_takes_nothing_has_heard_nothing(bool isGone, string reason)
    {
        _port.Capacity = 0;
        var test = _outputs.Test(s_lounge);
        if (isGone) _port.Opened[0].IsOpen = false;
        Run(seconds: isGone ? 0.1 : 20);

        var failed = Assert.IsType<PortException>(test.Ended.Exception?.InnerException);
        Assert.Equal(reason, failed.Message);
        Assert.NotNull(failed.Remedy);
        Assert.False(_port.Opened[0].IsOpen);
    }

    [Fact]
    public void A_group_takes_a_speaker_from_the_test_sound_with_its_stream_and_one_that_a_group_has_is_not_tested()
    {
        var test = _outputs.Test(s_lounge);
        Run(seconds: 1);

        var taken = _outputs.Take(s_lounge);
        var written = taken.Written;
        Run(seconds: 1);
        var refused = Assert.Throws<PortException>(() => _outputs.Test(s_lounge));

        Assert.Equal("The test sound did not go out whole to Lounge: a group began to play on it.", test.Ended.Exception?.InnerException?.Message);
        Assert.True(Assert.Single(_port.Opened).IsOpen);
        Assert.Equal(written, taken.Written);
        Assert.Equal("Lounge belongs to a group that plays.", refused.Message);
    }

    [Fact]
    public void A_second_test_takes_the_place_of_the_first_and_whoever_ended_the_first_does_not_end_it()
    {
        var first = _outputs.Test(s_lounge);
        Run(seconds: 1);
        _outputs.End(first);
        var second = _outputs.Test(s_lounge);
        _outputs.End(first);
        Run(seconds: 4);

        Assert.Equal((true, true), (first.Ended.IsFaulted, second.Ended.IsCompletedSuccessfully));
    }

    private void Run(double seconds, Action? alongside = null)
    {
        for (var tick = 0; tick < seconds * 10; tick++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            foreach (var output in _port.Opened) output.Now += 100_000_000;
            alongside?.Invoke();
            _outputs.Tick();
        }
    }

    private static int Play(SpeakerOutput output, int frame)
    {
        var block = new float[2 * Math.Min(output.FreeFrames, 9600)];
        for (var i = 0; i < block.Length; i++) block[i] = 0.5f * (float)Math.Sin(2 * Math.PI * 200 * (frame + (i / 2)) / 48_000);
        return output.Write(block);
    }

    private sealed class OpeningPort : IOutputProvider
    {
        public List<ExactOutput> Opened { get; } = [];
        public int Capacity { get; set; } = 16_384;
        public bool Away { get; set; }
        public string? BreaksFor { get; set; }
        public int Tries { get; private set; }

        public string Scheme => BluetoothLinks.Scheme;
        public OutputsSnapshot Current => throw new NotSupportedException();

        public IAudioOutput Open(OutputRef output)
        {
            Tries++;
            if (output.Key.EndsWith(BreaksFor ?? "/", StringComparison.Ordinal)) throw new InvalidOperationException("broken");
            if (Away) throw new PortException(PortError.NotReachable, "It is not connected.");
            Opened.Add(new ExactOutput(Capacity, 0));
            return Opened[^1];
        }
    }
}
