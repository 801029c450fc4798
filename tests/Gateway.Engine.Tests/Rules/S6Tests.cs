namespace Gateway.Engine.Tests.Rules;

/// <summary>Amazon Echo Studio: Wi-Fi grouping only.</summary>
public sealed class S6Tests
{
    [Theory]
    [InlineData("Echo Studio")]
    [InlineData("A3RBAYBE7VM004")]
    public void It_is_warned_of_in_a_wifi_group(string model) =>
        Assert.Contains("S6", new HouseKit().Echo("k", model).Echo("l").WifiGroup("g", "k", "l").Plan("alexa", "k", "l").Warned());
}
