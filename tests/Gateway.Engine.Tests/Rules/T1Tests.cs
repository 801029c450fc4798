namespace Gateway.Engine.Tests.Rules;

/// <summary>A transmitter feeds as many as it has links, and passes below 15 ms.</summary>
public sealed class T1Tests
{
    private static HouseKit Box(string? model) => new HouseKit().Speaker("a").Speaker("b").Speaker("c").Transmitter("t", "gateway", null, model, "a", "b");

    [Theory]
    [InlineData("Avantree Oasis Plus", null, SyncClass.Tight, false)]
    [InlineData("No name", null, null, false)]
    [InlineData("No name", 14.9, SyncClass.Tight, false)]
    [InlineData("Avantree Oasis Plus", 15.0, SyncClass.Roomwide, true)]
    [InlineData("Avantree Oasis Plus", 50.0, SyncClass.Smeared, true)]
    public void Its_class_comes_from_measurement_then_from_the_catalogue(string model, double? spread, SyncClass? expected, bool warned)
    {
        var kit = Box(model);
        if (spread is { } ms) kit.Spread("t", ms);

        var plan = kit.Plan("line-in", "a", "b");

        Assert.Equal(Route.Transmitter, plan.Route);
        Assert.Equal(expected, plan.ExpectedClass);
        Assert.Equal(warned, plan.Warned().Contains("T1"));
        Assert.Equal(expected is null, plan.Asked().Contains("T1"));
    }

    [Fact]
    public void A_third_speaker_is_one_too_many() => Assert.Contains("T1", Box(null).Plan("line-in", Route.Transmitter, "a", "b", "c").Blocked());

    [Fact]
    public void A_mix_of_two_legs_that_we_cannot_delay_is_warned_of()
    {
        var plan = new HouseKit().Paired("a").Paired("b").Transmitter("t", "gateway", null, null, "a").Speaker("c", set: s => s with { AirPlay = true }).Plan("line-in", "a", "c");

        Assert.Equal(Route.Mixed, plan.Route);
        Assert.Contains("mixed", plan.Warned());
    }
}
