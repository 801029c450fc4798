namespace Gateway.Engine.Tests.Rules;

/// <summary>Wi-Fi members play 22-28 ms apart.</summary>
public sealed class G4Tests
{
    [Fact]
    public void A_wifi_group_is_expected_roomwide() => Assert.Equal(SyncClass.Roomwide, new HouseKit().Echo("k").Echo("l").Plan("alexa", "k", "l").ExpectedClass);
}
