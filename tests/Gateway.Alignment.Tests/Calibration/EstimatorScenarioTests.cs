using Gateway.Alignment.Calibration;
using Gateway.Benchmarks.Alignment;

namespace Gateway.Alignment.Tests.Calibration;

/// <summary>The bench's scenarios with a few trials each: the same rooms and noise, trial 0 first.</summary>
public sealed class EstimatorScenarioTests
{
    [Fact]
    public void S1_one_speaker_in_three_rooms() => Assert.All([0.3, 0.5, 0.6], rt60 => AssertPass(EstimatorScenarios.S1(rt60, 3)));

    [Fact]
    public void S2_one_speaker_down_to_minus_10_dB() => Assert.All([20.0, 0, -10], snr => AssertPass(EstimatorScenarios.S2(snr, 3)));

    [Fact]
    public void S2n_at_minus_20_dB_what_is_accepted_is_right() => AssertPass(EstimatorScenarios.S2N(6));

    [Fact]
    public void S3_eight_speakers_at_once() => AssertPass(EstimatorScenarios.S3(8, 1));

    [Fact]
    public void S3x_sixteen_speakers_at_once() => AssertPass(EstimatorScenarios.S3X(1));

    [Theory]
    [InlineData(6, 3)]
    [InlineData(12, 20)]
    public void S4_a_direct_path_weaker_than_its_reflections(double blockedDb, int trials) => AssertPass(EstimatorScenarios.S4(blockedDb, trials));

    [Fact]
    public void S5_a_recorder_20_or_100_ppm_off() => Assert.All([20.0, 100], ppm => AssertPass(EstimatorScenarios.S5(ppm, 4)));

    [Fact]
    public void S5c_skew_measured_and_removed() => AssertPass(CalibrationScenarios.S5C(2));

    [Fact]
    public void Estimating_allocates_nothing()
    {
        var probe = Probe.Create(0, 1 << 12);
        var estimator = new ArrivalEstimator(1 << 13);
        var spectrum = estimator.Prepare(probe);
        estimator.Load(probe);
        estimator.Estimate(spectrum, 0, 4_000);

        var allocated = Allocated.Least(() =>
        {
            estimator.Load(probe);
            estimator.Estimate(spectrum, 0, 4_000);
        });

        Assert.Equal(0, allocated);
    }

    private static void AssertPass(ScenarioResult result) => Assert.True(result.Pass, result.ToString());
}
