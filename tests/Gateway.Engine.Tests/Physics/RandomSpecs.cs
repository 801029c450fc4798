using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Engine.Tests.Physics;

/// <summary>Random houses that could exist: a speaker has one holder, an adapter carries no more than it can. Shrinks by leaving things out.</summary>
internal static class RandomSpecs
{
    private static readonly string?[] s_speakerModels = [null, "JBL Flip 6", "Bose SoundLink Flex", "Marshall Emberton II", "Marshall Emberton II", "Sonos Roam SL"];
    private static readonly string?[] s_echoModels = ["Echo Dot (4th gen)", "Echo Dot (4th gen)", "Echo Dot (5th gen)", "Echo Flex", "Echo Studio", "Echo Link", null];

    /// <param name="size">Most speakers; Echos and adapters are fewer.</param>
    public static Arbitrary<Spec> Houses(int size, bool forced = false) =>
        Arb.From(Gen.Choose(0, int.MaxValue).Select(seed => Make(new Random(seed), size, forced)), Smaller);

    private static IEnumerable<Spec> Smaller(Spec spec)
    {
        for (var i = 0; i < spec.Members.Count; i++) if (spec.Members.Count > 1) yield return spec with { Members = [.. spec.Members.Where((_, j) => j != i)] };
        for (var i = 0; i < spec.Transmitters.Count; i++) yield return spec with { Transmitters = [.. spec.Transmitters.Where((_, j) => j != i)] };
        foreach (var e in spec.Echoes)
        {
            if (!spec.Members.Contains(e.Id) && spec.Source != "echo:" + e.Id && spec.Transmitters.All(t => t.FedBy != e.Id)) yield return spec with { Echoes = [.. spec.Echoes.Where(x => x != e)] };
        }

        foreach (var s in spec.Speakers)
        {
            if (!spec.Members.Contains(s.Id) && spec.Transmitters.All(t => !t.Speakers.Contains(s.Id)) && spec.Echoes.All(e => e.Peer != s.Id)) yield return spec with { Speakers = [.. spec.Speakers.Where(x => x != s)] };
        }
    }

    public static Spec Make(Random r, int size, bool forced)
    {
        var adapters = Enumerable.Range(0, r.Next(0, 4)).Select(i => new AdapterSpec($"hci{i}", Maybe(r, 0.8, 0.1), r.Next(1, 4), r.Next(6) switch { 0 => AdapterRole.Send, 1 => AdapterRole.Receive, _ => AdapterRole.Both })).ToList();
        var room = adapters.ToDictionary(a => a.Name, a => a.Powered == true ? a.Max : 0);
        var speakers = Enumerable.Range(0, r.Next(1, size + 1)).Select(i => Speaker(r, $"s{i}", adapters, room)).ToList();
        var echoes = Enumerable.Range(0, r.Next(0, 4)).Select(i => Echo(r, $"e{i}", speakers, adapters, room)).ToList();
        var names = echoes.Select(e => e.Id).Concat(speakers.Select(s => s.Id)).ToArray();
        var transmitters = Enumerable.Range(0, r.Next(0, 3)).Select(i => Transmitter(r, $"t{i}", speakers, echoes)).ToList();
        var members = Members(r, names, transmitters);
        return new Spec
        {
            Adapters = adapters,
            Echoes = echoes,
            Speakers = speakers,
            Transmitters = transmitters,
            WifiGroups = r.Next(6) == 0 ? null : [.. Enumerable.Range(0, r.Next(0, 3)).Select(_ => r.Next(2) == 0 ? members : Some(r, names)), .. Feeders(r, transmitters, members)],
            Pairs = echoes.Count < 2 || r.Next(4) == 0 ? null : r.Next(2) == 0 ? [] : [(echoes[0].Id, echoes[1].Id)],
            Create = r.Next(2) == 0,
            Members = members,
            Source = Source(r, echoes, transmitters),
            Forced = forced ? (Route)r.Next(0, 8) : null,
        };
    }

    // The Wi-Fi group that a mixed plan of Alexa's would need, now and then.
    private static IEnumerable<string[]> Feeders(Random r, List<TransmitterSpec> transmitters, string[] members)
    {
        if (transmitters.Count == 0 || transmitters[0].FedBy is not { } fedBy || r.Next(2) == 0) return [];
        return [[.. members.Except(transmitters[0].Speakers).Append(fedBy).Distinct()]];
    }

    private static string[] Members(Random r, string[] names, List<TransmitterSpec> transmitters)
    {
        if (transmitters.Count > 0 && r.Next(3) == 0) return [.. transmitters[0].Speakers, .. r.Next(2) == 0 ? [] : Some(r, [.. names.Except(transmitters[0].Speakers)])];
        return Some(r, names);
    }

    private static string[] Some(Random r, string[] from)
    {
        var copy = from.ToArray();
        r.Shuffle(copy);
        return copy[..Math.Min(copy.Length, r.Next(1, 5))];
    }

    private static string? Source(Random r, List<EchoSpec> echoes, List<TransmitterSpec> transmitters) => r.Next(8) switch
    {
        0 => null,
        1 => "alexa",
        2 => "phone:AA:BB:CC:00:11:22",
        3 => "line-in",
        4 when transmitters.Count > 0 && transmitters[0].FedBy is { Length: 2 } fedBy => "echo:" + fedBy,
        _ => echoes.Count > 0 ? "echo:" + echoes[r.Next(echoes.Count)].Id : "file:/a.wav",
    };

    private static SpeakerSpec Speaker(Random r, string id, List<AdapterSpec> adapters, Dictionary<string, int> room)
    {
        var spec = new SpeakerSpec(id)
        {
            Model = s_speakerModels[r.Next(s_speakerModels.Length)],
            AlexaGroup = r.Next(6) switch { 0 => Tristate.Yes, 1 => Tristate.No, _ => Tristate.Unknown },
            Matter = r.Next(8) == 0,
            AirPlay = r.Next(4) switch { 0 => true, 1 => false, _ => null },
            Reachable = Maybe(r, 0.85, 0.08),
            PairedOn = r.Next(5) == 0 ? null : [.. adapters.Where(_ => r.Next(2) == 0).Select(a => a.Name)],
            Held = Maybe(r, 0.08, 0.8),
        };
        var on = adapters.Find(a => room[a.Name] > 0);
        if (on is null || r.Next(4) != 0) return spec;
        room[on.Name]--;
        return spec with { ConnectedOn = on.Name, PairedOn = spec.PairedOn is null ? null : [.. spec.PairedOn.Append(on.Name).Distinct()], Held = false, Reachable = true };
    }

    private static EchoSpec Echo(Random r, string id, List<SpeakerSpec> speakers, List<AdapterSpec> adapters, Dictionary<string, int> room)
    {
        var spec = new EchoSpec(id)
        {
            Model = s_echoModels[r.Next(s_echoModels.Length)],
            Online = Maybe(r, 0.85, 0.07),
            Firmware = r.Next(10) switch { 0 => null, 1 => "1.20.0", 2 => "8960323972", _ => "1.25.0" },
            Account = r.Next(8) switch { 0 => null, 1 => "you", _ => "me" },
            Network = r.Next(8) switch { 0 => null, 1 => "guest", _ => "home" },
            Output = r.Next(4) switch { 0 => null, 1 => AudioOutput.LineOut, _ => AudioOutput.Speaker },
            Settable = r.Next(4) switch { 0 => false, 1 => true, _ => null },
            Refuse = r.Next(6) == 0,
            MayGroup = r.Next(10) != 0,
        };
        switch (r.Next(7))
        {
            case 0:
                return spec with { LinkKnown = false };
            case 1:
                return spec with { Peer = "tv", Role = r.Next(2) == 0 ? LinkRole.PlaysTo : LinkRole.ReceivesFrom };
            case 2 when speakers.FindIndex(s => s.ConnectedOn is null && s.Held == false) is >= 0 and var free:
                speakers[free] = speakers[free] with { Held = true };
                return spec with { Peer = speakers[free].Id, Role = LinkRole.PlaysTo };
            case 3 when adapters.Find(a => room[a.Name] > 0) is { } adapter:
                room[adapter.Name]--;
                return spec with { Peer = adapter.Name, Role = r.Next(2) == 0 ? LinkRole.PlaysTo : LinkRole.ReceivesFrom };
            default:
                return spec;
        }
    }

    private static TransmitterSpec Transmitter(Random r, string id, List<SpeakerSpec> speakers, List<EchoSpec> echoes)
    {
        var pool = speakers.Select(s => s.Id).ToArray();
        r.Shuffle(pool);
        var fedBy = r.Next(4) switch { 0 => null, 1 => "gateway", _ => echoes.Count > 0 ? echoes[r.Next(echoes.Count)].Id : "gateway" };
        return new TransmitterSpec(id, 2, fedBy, r.Next(3) switch { 0 => null, 1 => AudioOutput.Optical, _ => AudioOutput.LineOut }, pool[..Math.Min(pool.Length, r.Next(1, 3))]);
    }

    private static bool? Maybe(Random r, double yes, double no) => r.NextDouble() switch { var x when x < yes => true, var x when x < yes + no => false, _ => null };
}
