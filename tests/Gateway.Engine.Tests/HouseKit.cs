namespace Gateway.Engine.Tests;

/// <summary>Builds houses in a few words. Without further word everything is known and in order: online, reachable, nothing linked or paired.</summary>
internal sealed class HouseKit
{
    private readonly List<ConfiguredEcho> _echoes = [];
    private readonly List<ConfiguredSpeaker> _speakers = [];
    private readonly List<ConfiguredTransmitter> _transmitters = [];
    private readonly List<ObservedEcho> _seenEchoes = [];
    private readonly List<ObservedSpeaker> _seenSpeakers = [];
    private readonly Dictionary<string, double> _spreads = [];
    private List<ConfiguredAdapter>? _listed;
    private List<ObservedAdapter>? _adapters = [];
    private List<ObservedWifiGroup>? _groups = [];
    private List<ObservedStereoPair>? _pairs = [];
    private Limits _limits = new();
    private Abilities _abilities = Gateway.Engine.Abilities.Everything; // the rules hold for what is not built yet, too

    public HouseKit Adapter(string name, bool? powered = true, int? max = null, AdapterRole role = AdapterRole.Both, string? address = null, bool leAudio = false)
    {
        _adapters!.Add(new ObservedAdapter { Name = name, Address = BluetoothAddress.Read(address), Powered = Fact.OfNullable(powered), LeAudio = Fact.Of(leAudio) });
        if (max is null && role == AdapterRole.Both) return this;
        return Listed(name, max, role);
    }

    public HouseKit Listed(string name, int? max = null, AdapterRole role = AdapterRole.Both)
    {
        (_listed ??= []).Add(new ConfiguredAdapter { Name = name, MaxStreams = max, Role = role });
        return this;
    }

    public HouseKit UnknownAdapters()
    {
        _adapters = null;
        return this;
    }

    public HouseKit UnknownGroups()
    {
        (_groups, _pairs) = (null, null);
        return this;
    }

    public HouseKit Echo(string id, string? model = "Echo Dot (4th gen)", Func<ObservedEcho, ObservedEcho>? seen = null, Func<ConfiguredEcho, ConfiguredEcho>? set = null)
    {
        var configured = new ConfiguredEcho { Id = id, Name = $"Echo {id}", Model = model };
        var observed = new ObservedEcho
        {
            Id = id, Online = Fact.Of(true), Firmware = Fact.Of("1.25.0"), Account = Fact.Of("me"), Network = Fact.Of("home"),
            Link = Fact.Of<EchoLink?>(null), WifiGroup = Fact.Of<string?>(null), AudioOutput = Fact.Of(AudioOutput.Speaker),
        };
        _echoes.Add(set is null ? configured : set(configured));
        _seenEchoes.Add(seen is null ? observed : seen(observed));
        return this;
    }

    /// <summary>An Echo of which nothing is observed.</summary>
    public HouseKit UnseenEcho(string id, string? model = "Echo Dot (4th gen)")
    {
        _echoes.Add(new ConfiguredEcho { Id = id, Name = $"Echo {id}", Model = model });
        return this;
    }

    public HouseKit Speaker(string id, string? model = null, Func<ObservedSpeaker, ObservedSpeaker>? seen = null, Func<ConfiguredSpeaker, ConfiguredSpeaker>? set = null)
    {
        var configured = new ConfiguredSpeaker { Id = id, Name = $"Speaker {id}", Model = model };
        var observed = new ObservedSpeaker
        {
            Id = id, Reachable = Fact.Of(true), PairedOn = Fact.Of<IReadOnlyList<string>>([]), ConnectedOn = Fact.Of<string?>(null), HeldElsewhere = Fact.Of(false),
        };
        _speakers.Add(set is null ? configured : set(configured));
        _seenSpeakers.Add(seen is null ? observed : seen(observed));
        return this;
    }

    public HouseKit UnseenSpeaker(string id, string? model = null)
    {
        _speakers.Add(new ConfiguredSpeaker { Id = id, Name = $"Speaker {id}", Model = model });
        return this;
    }

    public HouseKit Connected(string id, string adapter, string? model = null) =>
        Speaker(id, model, s => s with { ConnectedOn = Fact.Of<string?>(adapter), PairedOn = Fact.Of<IReadOnlyList<string>>([adapter]) });

    public HouseKit Paired(string id, params string[] adapters) => Speaker(id, null, s => s with { PairedOn = Fact.Of<IReadOnlyList<string>>(adapters) });

    public HouseKit Linked(string id, string peer, LinkRole role = LinkRole.PlaysTo, string? model = "Echo Dot (4th gen)") =>
        Echo(id, model, e => e with { Link = Fact.Of<EchoLink?>(new EchoLink(peer, role)) });

    public HouseKit Transmitter(string id, string? fedBy, AudioOutput? output, string? model, params string[] speakers)
    {
        _transmitters.Add(new ConfiguredTransmitter { Id = id, Name = $"Transmitter {id}", Model = model, Slots = 2, FedBy = fedBy, Output = output, Speakers = speakers });
        return this;
    }

    public HouseKit Spread(string transmitter, double ms)
    {
        _spreads[transmitter] = ms;
        return this;
    }

    public HouseKit WifiGroup(string id, params string[] members)
    {
        _groups!.Add(new ObservedWifiGroup(id, members));
        return this;
    }

    public HouseKit StereoPair(string id, string left, string right)
    {
        _pairs!.Add(new ObservedStereoPair(id, left, right));
        return this;
    }

    public HouseKit Limits(Func<Limits, Limits> change)
    {
        _limits = change(_limits);
        return this;
    }

    /// <summary>What the program can do today, and no more.</summary>
    public HouseKit Today()
    {
        _abilities = Gateway.Engine.Abilities.ThisVersion;
        return this;
    }

    public House House() => new(
        new HouseConfiguration { Echoes = _echoes, Speakers = _speakers, Transmitters = _transmitters, Adapters = _listed, Limits = _limits },
        new HouseObservation { Adapters = _adapters, Echoes = _seenEchoes, Speakers = _seenSpeakers, WifiGroups = _groups, StereoPairs = _pairs, TransmitterSpreadMs = _spreads },
        TestCatalogue.Full)
    {
        Abilities = _abilities,
    };

    /// <summary>Plans for the group <c>party</c> of these members; <paramref name="source"/> as written.</summary>
    public Plan Plan(string? source, params string[] members) => Plan(source, null, members);

    public Plan Plan(string? source, Route? route, params string[] members)
    {
        SourceRef? parsed = null;
        if (source is not null) Assert.True(SourceRef.TryParse(source, out parsed), source);
        return Planner.Plan(House(), new PlanRequest { Group = "party", Members = members, Source = parsed, ForcedRoute = route });
    }
}

internal static class PlanChecks
{
    public static string Steps(this Plan plan) => string.Join(" | ", plan.Steps.Select(s => $"{s.GetType().Name[..^"Step".Length]} {s.Device}{(s.Form.Peer is { } peer ? ">" + peer : "")}{(s.Form.Adapter is { } adapter ? "@" + adapter : "")}"));

    public static string Drops(this Plan plan) => string.Join(" | ", plan.Drops.Select(d => $"{d.Device}>{d.Peer}"));

    public static string[] Blocked(this Plan plan) => [.. plan.Blockers.Select(b => b.Rule).Distinct().Order(StringComparer.Ordinal)];

    public static string[] Warned(this Plan plan) => [.. plan.Warnings.Select(b => b.Rule).Distinct().Order(StringComparer.Ordinal)];

    public static string[] Asked(this Plan plan) => [.. plan.Unknown.Select(b => b.Rule).Distinct().Order(StringComparer.Ordinal)];
}
