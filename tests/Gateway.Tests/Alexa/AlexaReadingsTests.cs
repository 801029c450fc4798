using System.Text.Json;
using Gateway.Echo.Alexa;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Tests.Alexa;

public sealed class AlexaReadingsTests
{
    [Fact]
    public void Groups_have_the_members_that_either_side_names()
    {
        var devices = AlexaReadings.Devices(Json("""
            { "devices": [
              { "serialNumber": "A1", "deviceType": "T", "deviceFamily": "ECHO", "accountName": "One", "parentClusters": ["G"] },
              { "serialNumber": "A2", "deviceType": "T", "deviceFamily": "KNIGHT", "accountName": "Two", "capabilities": ["LEMUR_ALPHA", "AUX_SETTINGS"] },
              { "serialNumber": "G", "deviceType": "A3C9PE6TNYLTCH", "deviceFamily": "WHA", "accountName": "Both", "clusterMembers": ["A2"] },
              { "serialNumber": "P", "deviceType": "AP1F6KUH00XPV", "deviceFamily": "ECHO", "accountName": "Pair", "clusterMembers": ["A1", "A2"] } ] }
            """));

        Assert.Equal(["A1", "A2"], devices.Echoes.Select(e => e.Serial));
        Assert.Equal([(false, false), (true, true)], devices.Echoes.Select(e => (e.CanJoinGroups, e.HasSocketSettings)));
        Assert.Equal(["A2", "A1"], Assert.Single(devices.Groups).Members);
        Assert.Equal(new EchoStereoPair("P", "A1", "A2"), Assert.Single(devices.Pairs));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{ \"devices\": null, \"bluetoothStates\": 7, \"volumes\": {}, \"ports\": [null, 1] }")]
    [InlineData("{ \"devices\": [null, 1, [], { \"serialNumber\": null }, { \"serialNumber\": \"../x\", \"deviceFamily\": \"ECHO\" }, { \"serialNumber\": 5 }] }")]
    [InlineData("{ \"bluetoothStates\": [{ \"deviceSerialNumber\": {} }], \"volumes\": [{ \"dsn\": \"A\", \"speakerVolume\": \"loud\" }, { \"dsn\": \"A\", \"speakerVolume\": 1e99 }] }")]
    [InlineData("{ \"devices\": [{ \"serialNumber\": \"\\ud800\", \"deviceFamily\": \"ECHO\", \"deviceType\": \"T\" }] }")]
    public void What_is_of_another_kind_is_left_out(string json)
    {
        Assert.Empty(AlexaReadings.Devices(Json(json)).Echoes);
        Assert.Empty(AlexaReadings.Bluetooth(Json(json)));
        Assert.Empty(AlexaReadings.Volumes(Json(json)));
        Assert.Null(AlexaReadings.Output(Json(json)));
    }

    [Fact]
    public void An_address_book_that_is_null_is_empty_where_the_echo_is_there_and_unknown_where_it_is_not()
    {
        var states = AlexaReadings.Bluetooth(Json("""
            { "unknown": 1, "bluetoothStates": [
              { "deviceSerialNumber": "A1", "online": true, "pairedDeviceList": null },
              { "deviceSerialNumber": "A2", "online": false, "pairedDeviceList": null },
              { "deviceSerialNumber": "A3", "online": true, "pairedDeviceList": [
                { "address": "aa:bb:cc:00:00:01", "friendlyName": null, "connected": true, "profiles": null },
                { "address": "nonsense", "connected": true },
                { "address": "AA:BB:CC:00:00:02", "friendlyName": "Phone", "connected": false, "profiles": ["A2DP-SOURCE", "AVRCP"] } ] } ] }
            """));

        Assert.Equal((true, null), (states["A1"].Link.IsKnown, states["A1"].Link.Value));
        Assert.False(states["A2"].Link.IsKnown);
        Assert.Equal(new EchoPeer(BluetoothAddress.Parse("AA:BB:CC:00:00:01"), "AA:BB:CC:00:00:01", LinkRole.PlaysTo), states["A3"].Link.Value);
        Assert.Equal([LinkRole.PlaysTo, LinkRole.ReceivesFrom], states["A3"].Paired.Select(p => p.Role));
    }

    [Theory]
    [InlineData("""{ "directive": { "payload": { "renderingUpdates": [{ "resourceId": "PUSH_VOLUME_CHANGE" }, { "resourceMetadata": "{\"command\":\"PUSH_BLUETOOTH_STATE_CHANGE\"}" }] } } }""", "Bluetooth, Volumes")]
    [InlineData("""{ "directive": { "payload": { "renderingUpdates": [{ "resourceId": "PUSH_DOPPLER_CONNECTION_CHANGE" }] } } }""", "All")]
    [InlineData("""{ "directive": { "payload": { "renderingUpdates": [{ "resourceId": "NEW" }, { "resourceMetadata": "{" }, null, 5] } } }""", "None")]
    [InlineData("""{ "directive": [] }""", "None")]
    public void A_message_says_what_to_look_at(string json, string expected) => Assert.Equal(expected, AlexaReadings.Told(Json(json)).ToString());

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
