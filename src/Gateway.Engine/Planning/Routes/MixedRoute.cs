namespace Gateway.Engine;

/// <summary>
/// Several routes at once for one sound. Two families, because no sound is in both (G7): what the gateway plays (fan-out,
/// transmitters, AirPlay, a party-mode leader), and what Alexa plays (a Wi-Fi group, and transmitters on the sockets of its members).
/// </summary>
internal static class MixedRoute
{
    // 2^4 ways to use transmitters or not are tried; nobody has more of them in one group.
    private const int MostTransmitters = 4;

    private const int FewAirPlaySpeakers = 4;
    private const int MostAirPlaySteps = 12;

    public static IEnumerable<Draft> Build(PlanContext context)
    {
        if (context.Members.Count < 2) yield break;
        var transmitters = context.House.Configured.Transmitters
            .Where(t => t.Speakers.Count > 0 && t.Speakers.Count <= t.Slots && t.Speakers.All(context.MemberSet.Contains)).Take(MostTransmitters).ToArray();
        for (var mask = 0; mask < 1 << transmitters.Length; mask++)
        {
            var used = transmitters.Where((_, i) => (mask & (1 << i)) != 0).ToArray();
            if (Overlap(used)) continue;
            foreach (var draft in WithTransmitters(context, used)) yield return draft;
        }
    }

    /// <summary>The refusal where nothing can be divided.</summary>
    public static Draft BuildNone(PlanContext context)
    {
        var draft = new Draft(context, Route.Mixed);
        draft.BlockForGood("T3", context.Members, "There is nothing to mix: no transmitter has all its speakers among the members, and no AirPlay speaker or party mode is among them beside others.",
            "Leave route: out, so that one route serves all members.");
        return draft;
    }

    private static IEnumerable<Draft> WithTransmitters(PlanContext context, ConfiguredTransmitter[] used)
    {
        var rest = context.Members.Where(m => !used.Any(t => t.Speakers.Contains(m))).ToArray();
        if (used.Length > 0 && context.Request.Source is null or { Kind: SourceKind.Alexa } && ByAlexa(context, used, rest) is { } alexa) yield return alexa;
        if (context.Request.Source is { Kind: SourceKind.Alexa }) yield break;
        foreach (var party in PartyChoices(context, rest))
        {
            var left = rest.Where(m => !party.Contains(m)).ToArray();
            foreach (var draft in ByGateway(context, used, party, left)) yield return draft;
        }
    }

    private static bool Overlap(ConfiguredTransmitter[] used)
    {
        var speakers = used.SelectMany(t => t.Speakers.Distinct()).ToArray();
        return speakers.Length != speakers.Distinct().Count();
    }

    /// <summary>A Wi-Fi group of the Echos, joined by the Echo whose socket feeds each transmitter.</summary>
    private static Draft? ByAlexa(PlanContext context, ConfiguredTransmitter[] used, string[] rest)
    {
        if (used.Any(t => context.Echo(t.FedBy) is null) || used.Length + (rest.Length > 0 ? 1 : 0) < 2) return null;
        var draft = new Draft(context, Route.Mixed);
        SourceFeed.ByAlexa(draft, "A Wi-Fi group");
        WifiGroupRoute.AddLeg(draft, [.. rest, .. used.Select(t => t.FedBy!).Distinct().Where(f => !rest.Contains(f))]);
        foreach (var transmitter in used) TransmitterRoute.AddLeg(draft, transmitter, throughGateway: false);
        OneSocketEach(draft, used);
        draft.Warn("G7", context.Members, "Neither the Wi-Fi group nor what hangs on its sockets can be delayed by the gateway, so they stay as far apart as they are.", "Play everything through the gateway (fan-out) to have it in time.");
        return draft;
    }

    /// <summary>One draft for each choice of AirPlay speakers that leaves several legs.</summary>
    private static IEnumerable<Draft> ByGateway(PlanContext context, ConfiguredTransmitter[] used, string[] party, string[] left)
    {
        // First those that only AirPlay reaches, then those whose link would cost a drop.
        var airplay = left.Where(m => AirPlayRoute.IsOffered(context, m)).OrderBy(m => CostAlone(context, m)).ToArray();
        foreach (var chosen in AirPlayChoices(airplay))
        {
            if (LegCount(used, party, left, chosen.Length) > 1) yield return Try(context, used, party, left, chosen);
        }
    }

    /// <summary>Of a few every choice, of more the first ones in their order.</summary>
    private static IEnumerable<string[]> AirPlayChoices(string[] airplay)
    {
        if (airplay.Length <= FewAirPlaySpeakers)
        {
            for (var mask = 0; mask < 1 << airplay.Length; mask++) yield return [.. airplay.Where((_, i) => (mask & (1 << i)) != 0)];
            yield break;
        }

        var step = Math.Max(1, airplay.Length / MostAirPlaySteps);
        for (var count = 0; count < airplay.Length; count += step) yield return airplay[..count];
        yield return airplay;
    }

    private static int LegCount(ConfiguredTransmitter[] used, string[] party, string[] left, int airplay) =>
        used.Length + (party.Length > 0 ? 1 : 0) + (airplay > 0 ? 1 : 0) + (left.Length > airplay ? 1 : 0);

    private static Draft Try(PlanContext context, ConfiguredTransmitter[] used, string[] party, string[] left, string[] airplay)
    {
        var draft = new Draft(context, Route.Mixed);
        SourceFeed.ThroughGateway(draft);
        var byAir = airplay.ToHashSet(StringComparer.Ordinal);
        FanOutRoute.AddLeg(draft, [.. left.Where(m => !byAir.Contains(m))]);
        foreach (var transmitter in used) TransmitterRoute.AddLeg(draft, transmitter, throughGateway: true);
        OneSocketEach(draft, used);
        if (party.Length > 0) PartyModeRoute.AddLeg(draft, party, party[0], Names.Cut(context.Speaker(party[0])!.Model!.PartyMode!), direct: false);
        AirPlayRoute.AddLeg(draft, airplay);
        WarnSlowLegs(draft, used, party, airplay);
        AdapterPlacement.Apply(draft);
        FanOutRoute.KeepAwake(draft);
        return draft;
    }

    /// <summary>One leg that we cannot delay sets the pace for the others; two of them stay apart.</summary>
    private static void WarnSlowLegs(Draft draft, ConfiguredTransmitter[] used, string[] party, string[] airplay)
    {
        string[] legs =
        [
            .. used.Select(t => $"the transmitter {Names.Cut(t.Name)}"), .. party.Length > 0 ? ["party mode"] : Array.Empty<string>(), .. airplay.Length > 0 ? ["AirPlay"] : Array.Empty<string>(),
        ];
        if (legs.Length < 2) return;
        draft.Warn("mixed", [.. used.SelectMany(t => t.Speakers), .. party, .. airplay], $"The gateway does not control the delay of {Names.Join(legs)}, so these legs may stay apart from each other.",
            "Keep one such leg, and play the rest by fan-out.");
    }

    private static void OneSocketEach(Draft draft, ConfiguredTransmitter[] used)
    {
        var twice = used.Where(t => draft.Context.Echo(t.FedBy) is not null).GroupBy(t => t.FedBy).FirstOrDefault(g => g.Count() > 1);
        if (twice is null) return;
        draft.Block("T2", [twice.Key!], $"{draft.Context.Name(twice.Key!)} plays out of one socket at a time and cannot feed two transmitters.", "Feed the second transmitter from another Echo.");
    }

    private static int CostAlone(PlanContext context, string member)
    {
        var draft = new Draft(context, Route.FanOut);
        FanOutRoute.AddLeg(draft, [member]);
        return !draft.IsFeasible ? 0 : draft.Drops.Count > 0 ? 1 : 2;
    }

    /// <summary>No party mode, or each brand's that two or more of the rest share; the leader comes first.</summary>
    private static IEnumerable<string[]> PartyChoices(PlanContext context, string[] rest)
    {
        yield return [];
        var brands = rest.Where(m => context.Speaker(m)?.PartyMode is not null)
            .GroupBy(m => context.Speaker(m)!.Model!.Vendor ?? context.Speaker(m)!.Model!.Model, Text.NameFolding.Comparer);
        foreach (var brand in brands)
        {
            // The whole brand; or without those that AirPlay has to reach, because they are not to be had by Bluetooth.
            string[] all = [.. brand], some = [.. brand.Where(m => !AirPlayRoute.IsOffered(context, m) || CostAlone(context, m) > 0)];
            foreach (var party in some.Length < all.Length ? new[] { all, some } : [all])
            {
                if (party.Length < 2 || party.Length == context.Members.Count) continue;
                foreach (var leader in PartyModeRoute.Leaders(context, party)) yield return [leader, .. party.Where(m => m != leader)];
            }
        }
    }
}
