namespace Gateway.Engine.Tests;

/// <summary>A catalogue with one entry of each kind that the rules speak of.</summary>
internal static class TestCatalogue
{
    public static Catalogue Full { get; } = new(
        [
            new EchoModel("A2U21SRK4QGSE1", "Echo Dot (4th gen)", Socket.Out, Socket.None, Certainty.Verified, true, null),
            new EchoModel("A4ZXE0RM7LQ7A", "Echo Dot (5th gen)", Socket.None, Socket.None, Certainty.Single, true, null),
            new EchoModel("A3VRME03NAXFUB", "Echo Flex", Socket.Out, Socket.None, Certainty.Verified, true, null),
            new EchoModel("A3RBAYBE7VM004", "Echo Studio (2019; perhaps 2022 too)", Socket.In, Socket.In, Certainty.Verified, true, null),
            new EchoModel("A2O2CEO9STBQID", "Echo Studio (newer; 2025 likely)", Socket.Unknown, Socket.Unknown, Certainty.Unknown, true, null),
            new EchoModel("A27VEYGQBW3YR5", "Echo Link", Socket.None, Socket.InOut, Certainty.Unverified, null, null),
            new EchoModel("A3FX4UWTP28V1P", "Echo (3rd gen)", Socket.InOut, Socket.None, Certainty.Flag, true, null),
        ],
        [
            new SpeakerModel { Rule = "S1", Model = "JBL Flip 6", Vendor = "JBL", Names = ["*flip 6*"], Limitation = "powers off after 10 minutes", Remedy = "keep awake", IdlePowerOffMinutes = 10 },
            new SpeakerModel { Rule = "S2", Model = "Sonos Roam SL", Vendor = "Sonos", Names = ["*roam sl*"], Limitation = "app only", Remedy = "AirPlay 2 as the bridge", AppOnly = true, AirPlay = true },
            new SpeakerModel { Rule = "S3", Model = "Bose SoundLink Flex", Vendor = "Bose", Names = ["*soundlink flex*"], Limitation = "rejects a second connection", Remedy = "exclusive link", Exclusive = true },
            new SpeakerModel { Rule = "S4", Model = "Marshall Emberton II", Vendor = "Marshall", Names = ["*emberton ii"], Limitation = "party mode only with its own brand", Remedy = "link the leader", PartyMode = "Stack Mode" },
            new SpeakerModel { Rule = "S5", Model = "Ultimate Ears WONDERBOOM 3", Vendor = "Ultimate Ears", Names = ["*wonderboom 3*"], Limitation = "handshake fails", Remedy = "SBC first", PlainestCodecFirst = true },
            new SpeakerModel { Rule = "S6", Model = "Amazon Echo Studio", Vendor = "Amazon", Names = ["*echo studio*"], Limitation = "Wi-Fi grouping only", Remedy = "none needed" },
        ],
        [new TransmitterModel("Avantree Oasis Plus", ["*oasis plus*"], true, 2, "test report")]);
}
