namespace Gateway.Engine.Tests.Rules;

/// <summary>Same account, same network, firmware at or above a minimum.</summary>
public sealed class G3Tests
{
    [Theory]
    [InlineData("1.24.1", "1.24.1", true)]
    [InlineData("1.24", "1.24.1", false)]
    [InlineData("1.24.1.0", "1.24.1", true)]
    [InlineData("1.9.9", "1.24.1", false)]
    [InlineData("2.0", "1.24.1", true)]
    [InlineData("1.24.18446744073709551615", "1.24.1", true)]
    [InlineData("1.24.18446744073709551616", "1.24.1", null)]
    [InlineData("8960323972", "1.24.1", null)]
    [InlineData("8960323972", "8960323971", true)]
    [InlineData("1.x", "1.24.1", null)]
    [InlineData("", "1.24.1", null)]
    [InlineData("1..2", "1.24.1", null)]
    [InlineData("+1.24.1", "1.24.1", null)]
    [InlineData(null, "1.24.1", null)]
    public void Versions_compare_number_by_number(string? version, string minimum, bool? expected) => Assert.Equal(expected, Firmware.IsAtLeast(version, minimum));

    [Theory]
    [InlineData("1.24.0", true, false)]
    [InlineData("1.24.1", false, false)]
    [InlineData("8960323972", false, true)]
    public void Old_firmware_is_refused_and_another_scheme_is_asked(string firmware, bool blocked, bool asked)
    {
        var plan = new HouseKit().Echo("k", seen: e => e with { Firmware = Fact.Of(firmware) }).Echo("l").Plan("alexa", "k", "l");

        Assert.Equal(blocked, plan.Blocked().Contains("G3"));
        Assert.Equal(asked, plan.Asked().Contains("G3"));
    }

    [Fact]
    public void Two_accounts_are_refused() =>
        Assert.Contains("G3", new HouseKit().Echo("k", seen: e => e with { Account = Fact.Of("you") }).Echo("l").Plan("alexa", "k", "l").Blocked());

    [Fact]
    public void Two_networks_are_refused() =>
        Assert.Contains("G3", new HouseKit().Echo("k", seen: e => e with { Network = Fact.Of("guest") }).Echo("l").Plan("alexa", "k", "l").Blocked());

    [Fact]
    public void The_configured_account_wins_over_the_observed_one() =>
        Assert.True(new HouseKit().Echo("k", seen: e => e with { Account = Fact.Of("you") }, set: e => e with { Account = "me" }).Echo("l").Plan("alexa", "k", "l").Feasible);

    [Fact]
    public void Offline_is_refused_and_unknown_is_asked()
    {
        Assert.Contains("G3", new HouseKit().Echo("k", seen: e => e with { Online = Fact.Of(false) }).Echo("l").Plan("alexa", "k", "l").Blocked());
        var plan = new HouseKit().UnseenEcho("k").UnseenEcho("l").Plan("alexa", "k", "l");
        Assert.True(plan.Feasible);
        Assert.Equal(4, plan.Unknown.Count(u => u.Rule == "G3" && u.Devices.Count == 2));
    }
}
