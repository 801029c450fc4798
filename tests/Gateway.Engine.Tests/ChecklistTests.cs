namespace Gateway.Engine.Tests;

public sealed class ChecklistTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 20, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_item_that_does_not_pass_has_a_remedy_and_every_one_a_sentence()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var spec = Physics.RandomSpecs.Make(new Random(seed), 6, false);
            var items = Checklist.For(spec.House(), new CheckFacts());
            Case.Run($"Seed {seed}, {spec}", () => Assert.All(items, i => Assert.True(i.Text.EndsWith('.') && (i.Result == CheckResult.Pass || i.Remedy.Length > 0), i.ToString())));
        }
    }

    [Theory]
    [InlineData("1.25.0", CheckResult.Pass)]
    [InlineData("1.20.0", CheckResult.Fail)]
    [InlineData("8960323972", CheckResult.Unknown)]
    public void Firmware_is_judged(string firmware, CheckResult expected)
    {
        var house = new HouseKit().Echo("k", seen: e => e with { Firmware = Fact.Of(firmware) }).House();

        Assert.Equal(expected, Checklist.ForEcho(house, "k").Single(i => i.Title == "Firmware").Result);
    }

    [Theory]
    [InlineData(null, null, null, null, 0, CheckResult.Unknown)]
    [InlineData(20.0, SyncClass.Roomwide, null, null, 0, CheckResult.Pass)]
    [InlineData(60.0, SyncClass.Smeared, false, null, 0, CheckResult.Fail)]
    [InlineData(60.0, SyncClass.Smeared, true, 900.0, 0, CheckResult.Fail)]
    [InlineData(60.0, SyncClass.Smeared, true, 10.0, 4, CheckResult.Fail)]
    public void The_latency_tree_asks_in_order(double? spread, SyncClass? measured, bool? calibrated, double? drift, int dropouts, CheckResult expected)
    {
        var facts = new CheckFacts { SpreadMs = spread, Class = measured, Calibrated = calibrated, DriftPpm = drift, Dropouts = new Dictionary<string, int> { ["a"] = dropouts } };

        var item = Checklist.For(new HouseKit().House(), facts).Single(i => i.Title == "Latency");

        Assert.Equal(expected, item.Result);
        if (calibrated == false) Assert.Contains("Calibrate", item.Remedy, StringComparison.Ordinal);
        if (drift > 500) Assert.Contains("ppm", item.Text, StringComparison.Ordinal);
        if (dropouts > 0) Assert.Contains("crowded", item.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Measured_stability_beats_the_catalogue_once_there_is_enough()
    {
        var model = new SpeakerModel { Rule = "S1", Model = "M", Stability = 4.2 };
        var window = StabilityWindow.Empty;
        for (var i = 0; i < StabilityWindow.EnoughEvents - 1; i++) window = window.Add(new LinkEvent(s_now.AddHours(-i), i % 2 == 0 ? LinkEventKind.Connected : LinkEventKind.Dropout));

        Assert.Equal((4.2, StabilityEvidence.Catalogue), window.Score(s_now, model));
        Assert.Equal((2.5, StabilityEvidence.Measured), window.Add(new LinkEvent(s_now, LinkEventKind.ConnectFailed)).Score(s_now, model));
    }

    [Fact]
    public void Old_events_fall_out_of_the_window()
    {
        var window = StabilityWindow.Empty;
        for (var i = 0; i < 20; i++) window = window.Add(new LinkEvent(s_now, LinkEventKind.Dropout));

        Assert.Equal((0.0, StabilityEvidence.Measured), window.Score(s_now, null));
        Assert.Null(window.Score(s_now + StabilityWindow.Length + TimeSpan.FromSeconds(1), null));
    }
}
