using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Calibration;
using Gateway.Alignment.Dsp;
using Gateway.Alignment.Tracking;
using Gateway.Benchmarks.Alignment;

namespace Gateway.Alignment.Tests.Tracking;

public sealed class TrackingTests
{
    private const int Rate = 48_000;

    [Fact]
    public void H1_eight_speakers_are_found_under_the_music()
    {
        var result = TrackingScenarios.H1(1);

        Assert.True(result.Pass, result.ToString());
    }

    [Fact]
    public void The_music_is_taken_out_by_12_dB_and_more_and_what_was_hidden_under_it_stays()
    {
        var programme = Array.ConvertAll(RoomNoise.Create(1, 4 * Rate), x => (float)x);
        var hidden = Array.ConvertAll(RoomNoise.Create(2, 4 * Rate), x => (float)(0.05 * x));
        var recording = new RoomRecording(1 << 18);
        recording.Play(programme, Room.Create(5, 0.3, 0.01), 1);
        var heard = recording.ToSingle().AsSpan(0, programme.Length).ToArray();
        var residual = new float[heard.Length];

        new MusicCanceller().Remove(heard.Zip(hidden, (a, b) => a + b).ToArray(), programme, residual);

        Assert.InRange(Db(residual) - Db(heard), -60, -12);
        Assert.InRange(residual.Zip(hidden, (r, h) => (double)r * h).Sum() / hidden.Sum(h => (double)h * h), 0.7, 1.1);
    }

    [Fact]
    public void The_hidden_noise_lies_25_dB_below_steady_music()
    {
        var programme = SteadyMusic(3);

        var probe = Shape(programme, 0);

        Assert.InRange(Db(probe[Rate..]) - Db(programme), -26.5, -24.5);
    }

    [Fact]
    public void The_hidden_noise_is_silent_with_the_music_and_does_not_run_ahead_of_an_attack()
    {
        const int attack = 2 * Rate;
        var programme = SteadyMusic(4);
        programme.AsSpan(0, attack).Clear();

        var probe = Shape(programme, 1);

        Assert.All(probe[..(attack - HiddenProbeShaper.HopFrames)], x => Assert.Equal(0f, x));
        Assert.InRange(Db(probe[(attack - HiddenProbeShaper.HopFrames)..attack]) - Db(programme[attack..]), -400, -45);
        Assert.InRange(Db(probe[(attack + Rate / 2)..]) - Db(programme[attack..]), -26.5, -24.5);
    }

    [Fact]
    public void Equal_codes_give_equal_noise_and_different_codes_uncorrelated_noise()
    {
        var programme = Array.ConvertAll(RoomNoise.Create(5, 2 * Rate), x => (float)(0.1 * x));
        var (a, again, b) = (Shape(programme, 2), Shape(programme, 2), Shape(programme, 3));

        Assert.Equal(a, again);
        Assert.InRange(a.Zip(b, (x, y) => (double)x * y).Sum() / a.Sum(x => (double)x * x), -0.05, 0.05);
    }

    [Fact]
    public void Shaping_allocates_nothing()
    {
        var shaper = new HiddenProbeShaper(0);
        var (programme, probe) = (new float[HiddenProbeShaper.HopFrames], new float[HiddenProbeShaper.HopFrames]);
        shaper.Process(programme, probe);

        var allocated = Allocated.Least(() =>
        {
            for (var hop = 0; hop < 20; hop++)
                shaper.Process(programme, probe);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_small_deviation_passes_at_once_a_large_one_when_two_windows_agree_and_a_doubtful_one_never()
    {
        var gate = new TrackingGate();
        var (good, doubtful) = (new ArrivalEstimate(0, 12, 1), new ArrivalEstimate(0, 7.9, 1));

        var verdicts = new[]
        {
            gate.Accept(good, 200), gate.Accept(doubtful, 200), gate.Accept(good, 3_000), gate.Accept(good, -2_000), gate.Accept(good, -2_200),
            gate.Accept(good, double.NaN),
        };

        Assert.Equal([true, false, false, false, true, false], verdicts);
    }

    [Fact]
    public void The_skew_follows_what_most_speakers_have_in_common()
    {
        var skew = new CommonSkew(10);
        for (var window = 0; window < 20; window++)
        {
            // 4 ppm more than assumed move everything by 120 µs in 30 s; one speaker runs away on its own.
            var left = (14 - skew.Ppm) * 30;
            skew.Update([left - 3, left + 2, left + 5_000, left], 30);
        }

        Assert.Equal(14, skew.Ppm, 0.2);
    }

    /// <summary>Without the bass, under which nothing is hidden.</summary>
    private static float[] SteadyMusic(ulong seed)
    {
        var noise = RoomNoise.Create(seed, 4 * Rate);
        IirFilter.HighPass(500, Rate).Process(noise);
        return Array.ConvertAll(noise, x => (float)(0.1 * x));
    }

    private static float[] Shape(float[] programme, int code)
    {
        const int hop = HiddenProbeShaper.HopFrames;
        var shaper = new HiddenProbeShaper(code);
        var (probe, delayed) = (new float[programme.Length], new float[hop]);
        for (var at = 0; at + hop <= programme.Length; at += hop)
        {
            shaper.Process(programme.AsSpan(at, hop), delayed);
            if (at >= hop)
                delayed.CopyTo(probe, at - hop);
        }

        return probe;
    }

    private static double Db(float[] samples) => 10 * Math.Log10(samples.Average(x => (double)x * x) + 1e-40);
}
