using Gateway.Cli;
using Gateway.Cli.Client;
using Gateway.Cli.Devices;
using Gateway.Mqtt.Broker;

namespace Gateway.Tests.Cli;

public sealed class GatewayPlaceTests
{
    [Theory]
    [InlineData(null, null, "")]
    [InlineData("my house.yaml", null, " --config 'my house.yaml'")]
    [InlineData(null, "mqtt://broker", " --broker mqtt://broker:1883")]
    [InlineData(null, "mqtts://tutti:hunter2@broker:8884", " --broker mqtts://tutti:PASSWORD@broker:8884")]
    [InlineData("a.yaml", "mqtt://tutti@broker", " --config a.yaml --broker mqtt://tutti@broker:1883")]
    public void A_command_to_copy_leads_to_the_same_gateway_and_shows_no_password(string? config, string? broker, string expected) =>
        Assert.Equal(expected, new GatewayPlace(config, broker).Arguments);

    [Theory]
    [InlineData("u:hunter2@broker")]
    [InlineData("http://u:hunter2@broker")]
    [InlineData("mqtt://u:hunter2@bro ker")]
    public void What_is_no_broker_ends_with_2_and_is_not_repeated(string broker)
    {
        var (exit, output, error) = Cli.Run(DevicesCommand.Create(), "--broker", broker);

        Assert.Equal((ExitCodes.UsageOrConfiguration, "", "--broker is not the address of a broker. Write mqtt://host:port, or mqtts://user:password@host:port.\n"), (exit, output, error));
    }

    // Port 9 is discard's: nothing listens there.
    [Fact]
    public void A_broker_that_is_not_there_is_to_be_corrected_where_it_was_given()
    {
        var (exit, output, error) = Cli.Run(DevicesCommand.Create(), "--broker", "mqtt://u:hunter2@127.0.0.1:9");

        Assert.Equal(
            (ExitCodes.PartMissing, "", "No connection to the MQTT broker mqtt://127.0.0.1:9: nothing listens there (connection refused). Start the broker, or correct host and port in --broker.\n"),
            (exit, output, error));
    }

    [Fact]
    public void A_broker_leaves_a_note_for_its_lifetime_and_foreign_files_are_none()
    {
        using var folder = new TemporaryFolder();
        var notes = new BrokerNotes(Path.GetDirectoryName(folder.Write("broker-x", ""))!);
        folder.Write("broker-99999", "");
        folder.Write("other", "");
        using var second = notes.Leave(4242);
        using (notes.Leave(4141)) Assert.Equal([4141, 4242], notes.Ports());

        Assert.Equal([4242], notes.Ports());
    }

    [Fact]
    public void Where_no_note_can_be_left_nothing_breaks()
    {
        using var folder = new TemporaryFolder();
        var notes = new BrokerNotes(Path.Combine(folder.Write("file", ""), "below"));

        Assert.Null(notes.Leave(4242));
        Assert.Empty(notes.Ports());
    }
}
