using Gateway.House;
using Gateway.Mqtt;

namespace Gateway.Tests.Mqtt;

public sealed class ResponseTopicsTests
{
    private static readonly MqttOptions s_options = new() { Broker = new() { BaseTopic = "home/tutti" }, DiscoveryPrefix = "ha" };
    private readonly ResponseTopics _topics = new(new Topics(s_options, new GatewayIdentity("gw1", "Tutti", "0.1.0")), s_options);

    [Theory]
    [InlineData("my/answers")]
    [InlineData("response/client-7/9f1c")]
    [InlineData("home/tuttifrutti")]
    [InlineData("home")]
    [InlineData("hall/x")]
    [InlineData("set/x")]
    [InlineData("voice")]
    [InlineData("Küche/антворт")]
    public void A_topic_of_the_sender_s_own_is_used(string topic) => Assert.Null(_topics.WhyNot(topic));

    [Theory]
    [InlineData("home/tutti/speaker/flip/state", "the gateway's own")]
    [InlineData("home/tutti/gateway/gw1/availability", "the gateway's own")]
    [InlineData("home/tutti", "the gateway's own")]
    [InlineData("home/tutti/answers/me", "the gateway's own")]
    [InlineData("ha/device/tutti_speaker_flip/config", "discovery")]
    [InlineData("homeassistant/status", "discovery")]
    [InlineData("tutti/speaker/flip/volume/set", "a command")]
    [InlineData("zigbee2mqtt/lamp/set", "a command")]
    [InlineData("tutti/voice/night", "a command")]
    [InlineData("me/+", "wildcard")]
    [InlineData("me/#", "wildcard")]
    [InlineData("$SYS/x", "belong to the broker")]
    [InlineData("me/\0", "does not belong into topics")]
    [InlineData("me/\u0085", "does not belong into topics")]
    public void A_topic_that_somebody_else_reads_is_not(string topic, string why) => Assert.Contains(why, _topics.WhyNot(topic), StringComparison.Ordinal);

    [Fact]
    public void Length_and_levels_are_bounded()
    {
        Assert.Null(_topics.WhyNot(new string('x', 256)));
        Assert.Contains("longer than 256 bytes", _topics.WhyNot(new string('x', 257)), StringComparison.Ordinal);
        Assert.Contains("longer than 256 bytes", _topics.WhyNot(new string('ü', 129)), StringComparison.Ordinal);
        Assert.Null(_topics.WhyNot(new string('/', 31)));
        Assert.Contains("more than 32 levels", _topics.WhyNot(new string('/', 32)), StringComparison.Ordinal);
        Assert.Contains("more than 32 levels", _topics.WhyNot(new string('/', 249)), StringComparison.Ordinal);
    }
}
