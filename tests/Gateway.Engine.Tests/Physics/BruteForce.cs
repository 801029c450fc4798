namespace Gateway.Engine.Tests.Physics;

/// <summary>A way to make a group play: how far by itself, and how many links it costs.</summary>
internal sealed record Way(Route Route, bool Automatic, int Drops);

/// <summary>
/// Every way there is, found by trying everything: each member on each leg, each stream on each adapter. For small houses; written
/// from the rules, not from the planner.
/// </summary>
internal sealed class BruteForce(Spec spec)
{
    private string? FeedingEcho => spec.Source?.StartsWith("echo:", StringComparison.Ordinal) == true ? spec.Source[5..] : null;

    public IReadOnlyList<Way> Ways()
    {
        var ways = new List<Way>();
        if (Wifi(spec.Members) is { } wifi) ways.Add(wifi);
        foreach (var box in spec.Transmitters.Where(t => t.Speakers.ToHashSet().SetEquals(spec.Members) && spec.Members.Count <= t.Slots))
        {
            if (Alone(box) is { } way) ways.Add(way);
        }

        if (spec.Members.Count > 1 && spec.Members.All(IsParty)) ways.AddRange(spec.Members.Select(DirectParty).OfType<Way>());
        ways.AddRange(AlexaMixes());
        ways.AddRange(GatewayWays());
        return ways;
    }

    // Alexa's family.
    private Way? Wifi(IReadOnlyList<string> members, IReadOnlyList<TransmitterSpec>? boxes = null)
    {
        if (spec.Source is not (null or "alexa")) return null;
        if (boxes is null && members.Count == 1 && spec.Echo(members[0]) is { } alone)
        {
            return alone.Online == false ? null : new Way(Route.WifiGroup, true, alone is { LinkKnown: true, Peer: not null, Role: LinkRole.PlaysTo } ? 1 : 0);
        }

        if (members.Count > 3 || !members.All(MayGroup)) return null;
        var echoes = members.Select(spec.Echo).OfType<EchoSpec>().ToArray();
        if (echoes.Any(e => e.Online == false || e.Firmware == "1.20.0")) return null;
        if (members.Count > 1 && (Differ(echoes.Select(e => e.Account)) || Differ(echoes.Select(e => e.Network)))) return null;
        var exists = spec.WifiGroups?.Any(g => g.ToHashSet().SetEquals(members)) == true;
        return new Way(boxes is null ? Route.WifiGroup : Route.Mixed, exists || spec.Create, echoes.Count(e => e is { LinkKnown: true, Peer: not null }));
    }

    private bool MayGroup(string id) =>
        spec.Echo(id) is { } e ? e.MayGroup : spec.Speaker(id) is { } s && (s.AlexaGroup == Tristate.Yes || (s.AlexaGroup == Tristate.Unknown && s.Matter));

    private static bool Differ(IEnumerable<string?> values) => values.OfType<string>().Distinct().Count() > 1;

    private IEnumerable<Way> AlexaMixes()
    {
        foreach (var boxes in BoxSubsets())
        {
            if (boxes.Length == 0 || boxes.Any(b => b.FedBy is null or "gateway") || boxes.Select(b => b.FedBy).Distinct().Count() < boxes.Length) continue;
            var rest = spec.Members.Where(m => !boxes.Any(b => b.Speakers.Contains(m))).ToArray();
            if (boxes.Length + (rest.Length > 0 ? 1 : 0) < 2 || boxes.Any(b => spec.Members.Contains(b.FedBy!))) continue;
            var group = rest.Concat(boxes.Select(b => b.FedBy!)).Distinct().ToArray();
            if (Wifi(group, boxes) is not { } wifi || boxes.Any(b => Goal.Lacks(spec.Echo(b.FedBy)!, Goal.OutputFor(spec.Echo(b.FedBy)!, b)))) continue;
            var cut = new HashSet<string>(group.Where(m => spec.Echo(m) is { LinkKnown: true, Peer: not null }));
            foreach (var s in boxes.SelectMany(b => b.Speakers)) LetGo(s, cut);
            yield return wifi with { Automatic = wifi.Automatic && boxes.All(OutputIsOurs), Drops = cut.Count };
        }
    }

    private bool OutputIsOurs(TransmitterSpec box) =>
        box.FedBy == "gateway" || (spec.Echo(box.FedBy) is { } e && (e.Output == Goal.OutputFor(e, box) || e.Settable != false));

    private Way? Alone(TransmitterSpec box)
    {
        if (box.FedBy == "gateway" || (spec.Source is not (null or "alexa") && !(FeedingEcho is { } f && (box.FedBy is null || f == box.FedBy)))) return null;
        var cut = new HashSet<string>();
        foreach (var s in box.Speakers) LetGo(s, cut);
        if (box.FedBy is null) return new Way(Route.Transmitter, false, cut.Count);
        var echo = spec.Echo(box.FedBy)!;
        if (echo.Online == false || Goal.Lacks(echo, Goal.OutputFor(echo, box))) return null;
        if (echo is { LinkKnown: true, Peer: not null, Role: LinkRole.PlaysTo }) cut.Add(echo.Id);
        return new Way(Route.Transmitter, OutputIsOurs(box), cut.Count);
    }

    private void LetGo(string speaker, HashSet<string> cut)
    {
        foreach (var e in Holders(speaker)) cut.Add(e.Id);
        if (OnOurs(speaker) is not null) cut.Add(speaker);
    }

    private EchoSpec[] Holders(string speaker) => [.. spec.Echoes.Where(e => e is { LinkKnown: true, Role: LinkRole.PlaysTo } && e.Peer == speaker)];

    private AdapterSpec? OnOurs(string speaker) => spec.Adapters.FirstOrDefault(a => a.Powered != false && a.Name == spec.Speaker(speaker)?.ConnectedOn);

    private bool IsParty(string id) => spec.Speaker(id)?.Model == "Marshall Emberton II";

    // An Echo plays straight to the leader.
    private Way? DirectParty(string leader)
    {
        if (spec.Echo(FeedingEcho) is not { } echo || echo.Online == false) return null;
        var cut = new HashSet<string>();
        foreach (var m in spec.Members.Where(m => m != leader))
        {
            if (OnOurs(m) is null && !Claim(m, cut)) return null;
            LetGo(m, cut);
        }

        if (echo is { LinkKnown: true, Peer: { } peer, Role: LinkRole.PlaysTo } && peer == leader) return new Way(Route.PartyMode, false, cut.Count);
        if (!Replace(echo, cut)) return null;
        if (OnOurs(leader) is not null) cut.Add(leader);
        else if (!Claim(leader, cut)) return null;
        return new Way(Route.PartyMode, false, cut.Count);
    }

    // The gateway's family: legs and adapters.
    private IEnumerable<Way> GatewayWays()
    {
        if (spec.Source == "alexa" || (FeedingEcho is { } f && (spec.Members.Contains(f) || spec.Echo(f)!.Online == false))) yield break;
        foreach (var boxes in BoxSubsets())
        {
            var rest = spec.Members.Where(m => !boxes.Any(b => b.Speakers.Contains(m))).ToArray();
            for (var air = 0; air < 1 << rest.Length; air++)
            {
                var byAir = rest.Where((_, i) => (air & (1 << i)) != 0).ToArray();
                if (byAir.Any(m => spec.Speaker(m)?.AirPlay != true)) continue;
                var left = rest.Except(byAir).ToArray();
                if (Legs(boxes, byAir, left, null) is { } way) yield return way;
                foreach (var leader in left.Where(IsParty).Where(_ => left.Count(IsParty) > 1))
                {
                    if (Legs(boxes, byAir, left, leader) is { } party) yield return party;
                }
            }
        }
    }

    private Way? Legs(TransmitterSpec[] boxes, string[] byAir, string[] left, string? leader)
    {
        var followers = leader is null ? [] : left.Where(m => IsParty(m) && m != leader).ToArray();
        var fan = left.Where(m => leader is null || !IsParty(m)).ToArray();
        var cut = new HashSet<string>();
        var sends = new List<string>(fan);
        if (leader is not null) sends.Add(leader);
        if (FeedingEcho is { } f && LinkedHere(spec.Echo(f)!, LinkRole.PlaysTo) is null && !Replace(spec.Echo(f)!, cut)) return null;
        foreach (var e in fan.Select(spec.Echo).OfType<EchoSpec>()) if (!Receiver(e, cut)) return null;
        foreach (var box in boxes)
        {
            foreach (var s in box.Speakers) LetGo(s, cut);
            if (box.FedBy is null or "gateway") continue;
            var echo = spec.Echo(box.FedBy)!;
            if (spec.Members.Contains(echo.Id) || echo.Id == FeedingEcho || Goal.Lacks(echo, Goal.OutputFor(echo, box)) || !Receiver(echo, cut)) return null;
            if (boxes.Count(b => b.FedBy == echo.Id) > 1) return null;
            sends.Add(echo.Id);
        }

        foreach (var s in followers)
        {
            if (OnOurs(s) is null && !Claim(s, cut)) return null;
            LetGo(s, cut);
        }

        foreach (var s in fan.Append(leader).Where(s => spec.Speaker(s) is not null)) if (OnOurs(s!) is null && !Claim(s!, cut)) return null;
        var byItself = leader is null && boxes.All(b => b.FedBy is not null && OutputIsOurs(b));
        var withoutHands = byItself ? FewestMoves(sends, cut, byHand: false) : null;
        if ((withoutHands ?? FewestMoves(sends, cut, byHand: true)) is not { } moves) return null;
        var legs = boxes.Length + (byAir.Length > 0 ? 1 : 0) + (leader is null ? 0 : 1) + (fan.Length > 0 ? 1 : 0);
        var automatic = withoutHands is not null;
        var route = legs > 1 ? Route.Mixed : boxes.Length > 0 ? Route.Transmitter : byAir.Length > 0 ? Route.AirPlay : leader is not null ? Route.PartyMode : Route.FanOut;
        return new Way(route, automatic, cut.Count + moves);
    }

    private bool Receiver(EchoSpec echo, HashSet<string> cut) => echo.Online != false && (LinkedHere(echo, LinkRole.ReceivesFrom) is not null || Replace(echo, cut));

    private static bool Replace(EchoSpec echo, HashSet<string> cut)
    {
        if (!echo.LinkKnown || echo.Peer is null) return true;
        if (echo.Refuse) return false;
        cut.Add(echo.Id);
        return true;
    }

    private bool Claim(string speaker, HashSet<string> cut)
    {
        var s = spec.Speaker(speaker)!;
        if (s.Reachable == false) return false;
        var holders = Holders(speaker);
        foreach (var e in holders) cut.Add(e.Id);
        return holders.Length > 0 || s.Held != true;
    }

    private AdapterSpec? LinkedHere(EchoSpec echo, LinkRole role) =>
        echo is { LinkKnown: true } && echo.Role == role ? spec.Adapters.FirstOrDefault(a => a.Powered != false && a.Name == echo.Peer) : null;

    /// <summary>The fewest links moved over all ways to put the streams on adapters; null: there is none.</summary>
    private int? FewestMoves(List<string> sends, HashSet<string> cut, bool byHand)
    {
        var receives = spec.Source is { } s && (s.StartsWith("phone", StringComparison.Ordinal) || FeedingEcho is not null);
        var usable = spec.Adapters.Where(a => a.Powered != false).ToArray();
        var room = usable.Select(a => a.Max
            - spec.Speakers.Count(x => x.ConnectedOn == a.Name && !sends.Contains(x.Id) && !cut.Contains(x.Id))
            - spec.Echoes.Count(x => x.LinkKnown && x.Peer == a.Name && !sends.Contains(x.Id) && x.Id != FeedingEcho && !cut.Contains(x.Id))).ToArray();
        int? best = null;
        Try(receives ? -1 : 0, 0);
        return best;

        void Try(int item, int moves)
        {
            if (item == sends.Count) { best = Math.Min(best ?? moves, moves); return; }
            for (var a = 0; a < usable.Length; a++)
            {
                if (!byHand && item >= 0 && NeedsHand(sends[item], usable[a])) continue;
                if (room[a] <= 0 || usable[a].Role == (item < 0 ? AdapterRole.Send : AdapterRole.Receive)) continue;
                room[a]--;
                Try(item + 1, moves + (Pinned(item) is { } now && now != usable[a] ? 1 : 0));
                room[a]++;
            }
        }

        AdapterSpec? Pinned(int item) =>
            item < 0 ? (FeedingEcho is { } f ? LinkedHere(spec.Echo(f)!, LinkRole.PlaysTo) : null)
            : spec.Echo(sends[item]) is { } e ? LinkedHere(e, LinkRole.ReceivesFrom) : OnOurs(sends[item]);
    }

    // S2 and T3: the maker's app, or a transmitter, has the speaker; we cannot pair it without the user.
    private bool NeedsHand(string id, AdapterSpec adapter) =>
        spec.Speaker(id) is { } s && spec.PairedByHand(id) && s.ConnectedOn != adapter.Name && s.PairedOn?.Contains(adapter.Name) != true;

    private IEnumerable<TransmitterSpec[]> BoxSubsets()
    {
        var all = spec.Transmitters.Where(t => t.Speakers.Length <= t.Slots && t.Speakers.All(spec.Members.Contains)).ToArray();
        for (var mask = 0; mask < 1 << all.Length; mask++)
        {
            var used = all.Where((_, i) => (mask & (1 << i)) != 0).ToArray();
            if (used.SelectMany(t => t.Speakers).Distinct().Count() == used.Sum(t => t.Speakers.Length)) yield return used;
        }
    }
}
