using Gateway.Bluetooth;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Tests.Bluetooth;

public sealed class BluetoothOptionsTests
{
    private const string OneText = "00:AA:01:00:00:01", TwoText = "00:AA:01:00:00:02";
    private static BluetoothAddress One { get; } = BluetoothAddress.Parse(OneText);
    private static BluetoothAddress Two { get; } = BluetoothAddress.Parse(TwoText);

    [Theory]
    [InlineData("hci0", OneText, true)] // by name
    [InlineData("hci5", TwoText, true)] // by address, whatever its name
    [InlineData("hci1", OneText, false)] // an entry with an address lists no name
    [InlineData("hci5", OneText, false)]
    public void The_allow_list_goes_by_address_where_it_has_one(string name, string address, bool allowed)
    {
        var options = new BluetoothOptions { Adapters = [new ConfiguredAdapter { Name = "hci0" }, new ConfiguredAdapter { Name = "hci1", Address = Two }] };

        Assert.Equal(allowed, options.Allows(name, BluetoothAddress.Parse(address)));
    }

    [Fact]
    public void What_the_configuration_names_by_address_is_what_it_says()
    {
        var configuration = ConfigurationLoader.Parse($$"""
            echoes: [{id: dot, name: Dot, address: "{{One}}"}]
            speakers: [{id: bath, name: Bath, address: "{{Two}}"}, {id: hall, name: Hall}]
            groups: [{id: party, name: Party, members: [bath], source: "phone:00:AA:01:00:00:03"}]
            """, "test.yaml").Configuration!;

        var options = BluetoothOptions.From(configuration.House, configuration.BluetoothAudio, CatalogueLoader.BuiltIn);

        Assert.Equal(RadioKind.Echo, options.Configured(One));
        Assert.Equal(RadioKind.Speaker, options.Configured(Two));
        Assert.Equal(RadioKind.Phone, options.Configured(BluetoothAddress.Parse("00:aa:01:00:00:03")));
        Assert.Null(options.Configured(BluetoothAddress.Parse("00:AA:01:00:00:04")));
    }

    [Theory]
    [InlineData("Boom in the bath", true)] // by the model in the configuration
    [InlineData("WONDERBOOM 3", true)] // by its name on the air
    [InlineData("Flip 6", false)]
    public void Models_that_want_the_plainest_configuration_first_are_known_by_the_catalogue(string name, bool plain)
    {
        var configuration = ConfigurationLoader.Parse($"speakers: [{{id: bath, name: Bath, model: WONDERBOOM 3, address: \"{One}\"}}]", "test.yaml").Configuration!;
        var address = name == "Boom in the bath" ? One : Two;

        var options = BluetoothOptions.From(configuration.House, configuration.BluetoothAudio, CatalogueLoader.BuiltIn);

        Assert.Equal(plain, options.PlainFirst(new RadioDevice { Address = address, Adapter = Two, Name = name }));
    }
}
