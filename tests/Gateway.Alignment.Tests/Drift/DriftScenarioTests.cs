using Gateway.Benchmarks.Alignment;

namespace Gateway.Alignment.Tests.Drift;

public sealed class DriftScenarioTests
{
    private const int Speakers = 20;

    [Fact]
    public void D1_timestamps_over_a_cable_hold_a_pair_within_50_us() => AssertPass(DriftScenarios.D1(Speakers));

    [Fact]
    public void D2_timestamps_over_wifi_hold_a_pair_within_400_us() => AssertPass(DriftScenarios.D2(Speakers));

    [Fact]
    public void D3_delay_reports_hold_a_pair_within_500_us() => AssertPass(DriftScenarios.D3(Speakers));

    [Fact]
    public void D4_a_microphone_with_outliers_holds_a_pair_within_150_us() => AssertPass(DriftScenarios.D4(Speakers));

    [Fact]
    public void D5_100_ms_are_gone_in_time_at_each_limit_and_the_steady_correction_is_calm() => AssertPass(DriftScenarios.D5(Speakers));

    [Fact]
    public void D6_a_minute_without_measurements_costs_less_than_half_a_millisecond() => AssertPass(DriftScenarios.D6(Speakers));

    private static void AssertPass(ScenarioResult result) =>
        Assert.True(result.Pass, $"{result} {string.Join(", ", result.Figures.Select(figure => $"{figure.Name} = {figure.Value:F1}"))}");
}
