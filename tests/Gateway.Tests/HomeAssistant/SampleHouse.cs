using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.HomeAssistant;
using Gateway.Hosting;
using Gateway.House;
using Gateway.Mqtt;

namespace Gateway.Tests.HomeAssistant;

/// <summary>A house with everything that discovery has to cope with: two speakers of one name, umlauts, quotes, braces, unknowns.</summary>
internal static class SampleHouse
{
    public static GatewayIdentity Identity { get; } = new("a1b2c3", "Tutti", "0.1.0");

    public static DiscoveryBuilder Builder(TuttiConfiguration? configuration = null, Abilities? abilities = null)
    {
        var used = configuration ?? TuttiConfiguration.Default;
        return new DiscoveryBuilder(FeatureOptions.ForHomeAssistant(used), Identity, new Topics(FeatureOptions.ForMqtt(used), Identity)) { Abilities = abilities ?? Abilities.ThisVersion };
    }

    public static HouseSnapshot Make() => new()
    {
        Gateway = new GatewayDocument { Id = "a1b2c3", Version = "0.1.0", BluetoothAudio = BluetoothAudioOwner.Own },
        Echoes =
        [
            new EchoDocument
            {
                Id = "kitchen", Name = "Kitchen", Model = "Echo Dot (5th gen)", Control = EchoControlKind.AlexaApi, Online = true, Firmware = "8960323972", FirmwareOk = true, Volume = 40,
                Bluetooth = new(EchoLinkState.Connected, new("f1", "Flip 6", "AA:BB:CC:DD:0A:0B"), LinkRole.PlaysTo, [new("Flip 6", "AA:BB:CC:DD:0A:0B", LinkRole.PlaysTo)]),
                WifiGroup = new("g1", "Everywhere"), InWifiGroup = true, AudioOutput = AudioOutput.Bluetooth, Readiness = new(5, 1, 0, 2),
                BluetoothOptions =
                [
                    new("Disconnected", ""), new("Flip 6", "AA:BB:CC:DD:0A:0B"), new("Flip 6", "AA:BB:CC:DD:0C:0D"), new("Tom's \"loud\" {{box}}", "AA:BB:CC:DD:EE:01"),
                    new("None", "AA:BB:CC:DD:EE:02"), new("Disconnected", "AA:BB:CC:DD:EE:03"),
                ],
                AudioOutputOptions = [AudioOutput.Speaker, AudioOutput.LineOut, AudioOutput.Bluetooth],
            },
            new EchoDocument { Id = "g0911m0123", Name = "Office", Control = EchoControlKind.Declared, Bluetooth = new(null, null, null, []) },
        ],
        Speakers =
        [
            new SpeakerDocument
            {
                Id = "f1", Name = "Flip 6", Model = "JBL Flip 6", Address = "AA:BB:CC:DD:0A:0B", Paired = true, PairedOn = ["001122334455"], Link = SpeakerLink.Connected, Connected = true,
                Adapter = "001122334455", Codec = "sbc", Volume = 55, TrimMs = 12.5, DelayMs = 80.2, Battery = 70, RssiDbm = -58, RssiAt = DateTimeOffset.UnixEpoch,
                Stability = new(4.5, StabilityEvidence.Measured), ReconnectS = 3.2, Dropouts = 1, KeepAwake = true, Calibration = new(CalibrationStatus.Valid, DateTimeOffset.UnixEpoch, 210.4, 0.9),
                Sync = new(0.12, 210.4, 14.2, 0.05, 0.9, SyncEvidence.Acoustic, 3), Advice = "Charge it.", LastError = new("Page time-out.", "L6"),
            },
            new SpeakerDocument { Id = "aabbccdd0c0d", Name = "Flip 6", Link = SpeakerLink.Disconnected },
            new SpeakerDocument { Id = "aabbccdd0e0f", Name = "🔊", Link = SpeakerLink.Disconnected },
        ],
        Adapters = [new AdapterDocument { Id = "001122334455", Name = "hci0", Address = "00:11:22:33:44:55", Powered = true, Discovering = false, StreamsUsed = 1, StreamsMax = 3, Role = AdapterRole.Both, Product = "TP-Link UB500 Adapter" }],
        Transmitters = [new TransmitterDocument { Id = "oasis", Name = "Oasis Plus", Model = "Avantree Oasis Plus", FedBy = "kitchen", Output = AudioOutput.LineOut, Slots = ["f1", null], SpreadMs = 9.5, T1Pass = true }],
        Groups =
        [
            new GroupDocument
            {
                Id = "party", Name = "Party", Desired = true, Active = true, Phase = GroupPhase.Playing, Route = Route.FanOut, Source = "echo:kitchen", Volume = 40,
                Sync = new(0.8, SyncClass.Tight, SyncEvidence.Acoustic, 2, ["f1", "aabbccdd0c0d"], []), Members = [new("f1", MemberState.Playing), new("aabbccdd0c0d", MemberState.Missing)],
                Problem = new("One member is missing.", ["L6"], "Switch it on."), SourceOptions = [new("Küche", "echo:kitchen"), new("{Braces}", "url:http://x/{y}")],
            },
            new GroupDocument { Id = "quiet", Name = "Quiet" },
        ],
        Routines = [new RoutineDocument("movie_night", "Kinoabend für alle"), new RoutineDocument("tutti_off", "Tutti: off")],
    };
}
