namespace Gateway.Engine.Tests.Physics;

internal sealed record AdapterSpec(string Name, bool? Powered, int Max, AdapterRole Role);

internal sealed record EchoSpec(string Id)
{
    public string? Model { get; init; } = "Echo Dot (4th gen)";
    public bool? Online { get; init; } = true;
    public string? Firmware { get; init; } = "1.25.0";
    public string? Account { get; init; } = "me";
    public string? Network { get; init; } = "home";
    public bool LinkKnown { get; init; } = true;
    public string? Peer { get; init; }
    public LinkRole Role { get; init; }
    public AudioOutput? Output { get; init; } = AudioOutput.Speaker;
    public bool? Settable { get; init; }
    public bool Refuse { get; init; }
    public bool MayGroup { get; init; } = true;
}

internal sealed record SpeakerSpec(string Id)
{
    public string? Model { get; init; }
    public Tristate AlexaGroup { get; init; }
    public bool Matter { get; init; }
    public bool? AirPlay { get; init; }
    public bool? Reachable { get; init; } = true;
    public string[]? PairedOn { get; init; } = [];
    public string? ConnectedOn { get; init; }
    public bool? Held { get; init; } = false;
}

internal sealed record TransmitterSpec(string Id, int Slots, string? FedBy, AudioOutput? Output, string[] Speakers);

/// <summary>A house in plain facts, from which both the planner's input and the model's world are made.</summary>
internal sealed record Spec
{
    public IReadOnlyList<AdapterSpec> Adapters { get; init; } = [];
    public IReadOnlyList<EchoSpec> Echoes { get; init; } = [];
    public IReadOnlyList<SpeakerSpec> Speakers { get; init; } = [];
    public IReadOnlyList<TransmitterSpec> Transmitters { get; init; } = [];
    public IReadOnlyList<string[]>? WifiGroups { get; init; } = [];
    public IReadOnlyList<(string Left, string Right)>? Pairs { get; init; } = [];
    public bool Create { get; init; }
    public IReadOnlyList<string> Members { get; init; } = [];
    public string? Source { get; init; }
    public Route? Forced { get; init; }

    public EchoSpec? Echo(string? id) => Echoes.FirstOrDefault(e => e.Id == id);

    public SpeakerSpec? Speaker(string? id) => Speakers.FirstOrDefault(s => s.Id == id);

    public bool PairedByHand(string id) => Speaker(id)?.Model == "Sonos Roam SL" || Transmitters.Any(t => t.Speakers.Contains(id));

    public House House() => new(
        new HouseConfiguration
        {
            Echoes = [.. Echoes.Select(e => new ConfiguredEcho
            {
                Id = e.Id, Name = "Echo " + e.Id, Model = e.Model, OnSecondLink = e.Refuse ? SecondLinkPolicy.Refuse : null, AlexaGroup = e.MayGroup ? Tristate.Unknown : Tristate.No,
            })],
            Speakers = [.. Speakers.Select(s => new ConfiguredSpeaker { Id = s.Id, Name = "Speaker " + s.Id, Model = s.Model, AlexaGroup = s.AlexaGroup, Matter = s.Matter, AirPlay = s.AirPlay })],
            Transmitters = [.. Transmitters.Select(t => new ConfiguredTransmitter { Id = t.Id, Name = "Box " + t.Id, Slots = t.Slots, FedBy = t.FedBy, Output = t.Output, Speakers = t.Speakers })],
            Adapters = [.. Adapters.Select(a => new ConfiguredAdapter { Name = a.Name, MaxStreams = a.Max, Role = a.Role })],
            Limits = new Limits { CreateWifiGroups = Create, MaxWifiGroupMembers = 3 },
        },
        new HouseObservation
        {
            Adapters = [.. Adapters.Select(a => new ObservedAdapter { Name = a.Name, Powered = Fact.OfNullable(a.Powered) })],
            Echoes = [.. Echoes.Select(e => new ObservedEcho
            {
                Id = e.Id, Online = Fact.OfNullable(e.Online), Firmware = Text(e.Firmware), Account = Text(e.Account), Network = Text(e.Network),
                Link = e.LinkKnown ? Fact.Of(e.Peer is null ? null : new EchoLink(e.Peer, e.Role)) : default,
                WifiGroup = Fact.Of<string?>(null), AudioOutput = Fact.OfNullable(e.Output), AudioOutputSettable = Fact.OfNullable(e.Settable),
            })],
            Speakers = [.. Speakers.Select(s => new ObservedSpeaker
            {
                Id = s.Id, Reachable = Fact.OfNullable(s.Reachable), PairedOn = s.PairedOn is null ? default : Fact.Of<IReadOnlyList<string>>(s.PairedOn),
                ConnectedOn = Fact.Of(s.ConnectedOn), HeldElsewhere = Fact.OfNullable(s.Held),
            })],
            WifiGroups = WifiGroups?.Select((g, i) => new ObservedWifiGroup($"wifi{i}", g)).ToList(),
            StereoPairs = Pairs?.Select((p, i) => new ObservedStereoPair($"pair{i}", p.Left, p.Right)).ToList(),
        },
        TestCatalogue.Full)
    {
        Abilities = Abilities.Everything,
    };

    public Plan Plan() => Planner.Plan(House(), Request());

    public PlanRequest Request()
    {
        SourceRef? source = null;
        if (Source is not null) Assert.True(SourceRef.TryParse(Source, out source));
        return new PlanRequest { Group = "party", Members = Members, Source = source, ForcedRoute = Forced };
    }

    public override string ToString() =>
        $"""
         members {string.Join(",", Members)} source {Source ?? "-"} forced {Forced?.ToString() ?? "-"} create {Create}
           {string.Join("\n  ", Adapters)}
           {string.Join("\n  ", Echoes)}
           {string.Join("\n  ", Speakers.Select(s => $"{s} paired [{(s.PairedOn is null ? "?" : string.Join(",", s.PairedOn))}]"))}
           {string.Join("\n  ", Transmitters.Select(t => $"{t} [{string.Join(",", t.Speakers)}]"))}
           groups {(WifiGroups is null ? "?" : string.Join(" ", WifiGroups.Select(g => $"[{string.Join(",", g)}]")))} pairs {(Pairs is null ? "?" : string.Join(" ", Pairs))}
         """;

    private static Fact<string> Text(string? value) => value is null ? default : Fact.Of(value);
}
