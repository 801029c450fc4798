using System.Text;
using Gateway.HomeAssistant;
using Gateway.House;
using Gateway.Mqtt;
using MQTTnet;

namespace Gateway.Tests.HomeAssistant;

/// <summary>Anybody may leave a message below Home Assistant's prefix that claims to be ours.</summary>
public sealed class AnnouncementTests
{
    private static readonly Topics s_topics = new(new MqttOptions(), new GatewayIdentity("x", "Tutti", "0.1.0"));

    [Fact]
    public void A_message_as_we_write_it_is_ours() => Assert.True(Read("""{"dev":{"name":"Bath"},"cmps":{"a":{"p":"sensor"}}}""")?.IsOurs);

    [Theory]
    [InlineData("""{"cmps":{"a":{"p":"sensor"},"a":{"p":"sensor"}}}""")]
    [InlineData("""{"cmps":{"a":{"p":1}}}""")]
    [InlineData("""{"cmps":{"a":"sensor"}}""")]
    [InlineData("""{"cmps":{"a":{"p":"sensor","name":"\ud800"}}}""")]
    [InlineData("""{"dev":"Bath","cmps":{}}""")]
    [InlineData("""{"dev":{"name":7},"cmps":{}}""")]
    public void One_that_would_fail_when_it_is_used_is_nobodys(string payload) => Assert.Null(Read(payload));

    [Fact]
    public void Nor_is_one_with_bytes_that_are_no_UTF_8() => Assert.Null(Read("""{"dev":{"name":"Bath"},"cmps":{"a":{"p":"sensor"}}}""", Encoding.Latin1, "Bäth"));

    private static Announcement? Read(string payload, Encoding? encoding = null, string name = "Bath")
    {
        var whole = payload.Replace("Bath", name, StringComparison.Ordinal)[..^1] + ""","o":{"name":"Tutti"},"avty":[{"t":"tutti/gateway/x/availability"}]}""";
        return Announcement.Read(new MqttApplicationMessage { Topic = "homeassistant/device/tutti_speaker_bath/config", PayloadSegment = (encoding ?? Encoding.UTF8).GetBytes(whole), Retain = true }, s_topics);
    }
}
