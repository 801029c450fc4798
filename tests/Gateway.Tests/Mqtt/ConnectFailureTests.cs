using System.Net;
using System.Net.Sockets;
using Gateway.Configuration;
using Gateway.Mqtt;

namespace Gateway.Tests.Mqtt;

public sealed class ConnectFailureTests
{
    [Fact]
    public void Where_the_broker_is_inside_the_gateway_the_remedy_is_to_start_the_gateway() =>
        Assert.Equal("That broker is inside the gateway (mqtt.embedded): start it with tutti run.", Refused(new EmbeddedBrokerSettings(IPAddress.Loopback, 1883)).Remedy);

    [Fact]
    public void A_broker_of_its_own_is_to_be_started_itself() =>
        Assert.Equal("Start the broker, or correct host and port in mqtt.url.", Refused(null).Remedy);

    private static ConnectFailure Refused(EmbeddedBrokerSettings? inside) =>
        ConnectFailure.Of(new SocketException((int)SocketError.ConnectionRefused), new MqttSettings { Embedded = inside }, tls: null);
}
