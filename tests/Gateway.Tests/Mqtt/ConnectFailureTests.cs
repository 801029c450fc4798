using System.Net;
using System.Net.Sockets;
using Gateway.Configuration;
using Gateway.Mqtt;
using MQTTnet;

namespace Gateway.Tests.Mqtt;

public sealed class ConnectFailureTests
{
    [Fact]
    public void Where_the_broker_is_inside_the_gateway_the_remedy_is_to_start_the_gateway() =>
        Assert.Equal("That broker is inside the gateway (mqtt.embedded): start it with tutti run.", Refused(new EmbeddedBrokerSettings(IPAddress.Loopback, 1883)).Remedy);

    [Fact]
    public void A_broker_of_its_own_is_to_be_started_itself() =>
        Assert.Equal("Start the broker, or correct host and port in mqtt.url.", Refused(null).Remedy);

    [Theory]
    [InlineData(MqttClientDisconnectReason.SessionTakenOver, "another client connected with our client id", true, false)]
    [InlineData(MqttClientDisconnectReason.PacketTooLarge, "the broker threw us out (it is too large)", false, true)]
    [InlineData(MqttClientDisconnectReason.TopicNameInvalid, "the broker threw us out (it does not like the topic)", false, true)]
    [InlineData(MqttClientDisconnectReason.ServerBusy, "the broker threw us out (it is busy)", false, false)]
    [InlineData(MqttClientDisconnectReason.ServerShuttingDown, "the broker is shutting down", false, false)]
    [InlineData(MqttClientDisconnectReason.NormalDisconnection, "the connection broke", false, true)]
    public void An_end_is_told_in_words_and_only_the_broker_says_that_another_client_has_our_id(MqttClientDisconnectReason reason, string words, bool takenOver, bool mayBeOurs)
    {
        var failure = ConnectFailure.Of(new MqttClientDisconnectedEventArgs(true, null, reason, null, null, null), new MqttSettings { ClientId = "tutti-gw1" });

        Assert.StartsWith(words, failure.Reason, StringComparison.Ordinal);
        Assert.Equal((takenOver, mayBeOurs), (failure.TakenOver, failure.MayBeOurs));
    }

    [Theory]
    [InlineData(0x87, "its access rules do not allow it")]
    [InlineData(0x95, "it is too large")]
    [InlineData(0x9A, "it keeps no retained messages")]
    [InlineData(0xEE, "it gives no better reason than code 238")]
    public void Reason_codes_are_words(int code, string words) => Assert.Equal(words, ReasonCodes.Of(code).Words);

    private static ConnectFailure Refused(EmbeddedBrokerSettings? inside) =>
        ConnectFailure.Of(new SocketException((int)SocketError.ConnectionRefused), new MqttSettings { Embedded = inside }, tls: null);
}
