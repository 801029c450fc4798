using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>A house with one device of each kind.</summary>
internal static class SmallHouse
{
    public static HouseSnapshot Make() => new()
    {
        Gateway = new GatewayDocument { Id = "gw1", Version = "0.1.0" },
        Echoes = [new EchoDocument { Id = "kitchen", Name = "Kitchen", Control = EchoControlKind.Declared, Bluetooth = new(EchoLinkState.Disconnected, null, null, []) }],
        Speakers = [Speaker("flip")],
        Adapters = [new AdapterDocument { Id = "001122334455", Name = "hci0", Address = "00:11:22:33:44:55", StreamsMax = 3, Role = AdapterRole.Both }],
        Transmitters = [new TransmitterDocument { Id = "oasis", Name = "Oasis", Slots = [null, null] }],
        Groups = [new GroupDocument { Id = "party", Name = "Party", SourceOptions = [new("Kitchen", "echo:kitchen")] }],
        Routines = [new RoutineDocument("movie", "Movie night")],
    };

    public static SpeakerDocument Speaker(string id) => new() { Id = id, Name = $"Flip {id}", Link = SpeakerLink.Disconnected, Paired = true };
}
