namespace Gateway.Engine;

/// <summary>
/// Several routes at once for one sound. Two families, because no sound is in both (G7): what the gateway plays (fan-out,
/// transmitters, AirPlay, a party-mode leader), and what Alexa plays (a Wi-Fi group, and transmitters on the sockets of its members).
/// </summary>
internal static class MixedRoute
{
    // 2^4 ways to use transmitters or not are tried; nobody has more of them in one group.
    private const int MostTransmitters = 4;

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
            if (ByGateway(context, used, party, left) is { } draft) yield return draft;
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
        if (used.Select(t => t.FedBy).Distinct().Count() < used.Length) draft.Block("T2", [.. used.Select(t => t.Id)], "One Echo has one socket and cannot feed two transmitters.", "Feed the second transmitter from another Echo.");
        draft.Warn("G7", context.Members, "Neither the Wi-Fi group nor what hangs on its sockets can be delayed by the gateway, so they stay as far apart as they are.", "Play everything through the gateway (fan-out) to have it in time.");
        return draft;
    }

    private static Draft? ByGateway(PlanContext context, ConfiguredTransmitter[] used, string[] party, string[] left)
    {
        // Those that only AirPlay reaches come first; then as many more as the adapters have no room for.
        var airplay = left.Where(m => AirPlayRoute.IsOffered(context, m)).OrderBy(m => IsBlockedAlone(context, m) ? 0 : 1).ToArray();
        var (low, high) = (0, airplay.Length);
        Draft? best = null;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var draft = Try(context, used, party, left, airplay[..middle]);
            var works = draft.IsFeasible;
            if (works || best is null) best = draft;
            if (works) high = middle - 1;
            else low = middle + 1;
        }

        return best is { IsFeasible: true } && LegCount(used, party, left, best) < 2 ? Divided(context, used, party, left, airplay) : LegCount(used, party, left, best!) < 2 ? null : best;
    }

    // One leg would do: the planner has that as a route of its own. With AirPlay members it can still be divided.
    private static Draft? Divided(PlanContext context, ConfiguredTransmitter[] used, string[] party, string[] left, string[] airplay)
    {
        if (airplay.Length == 0) return null;
        var draft = Try(context, used, party, left, airplay[..(airplay.Length == left.Length && airplay.Length > 1 ? airplay.Length - 1 : airplay.Length)]);
        return LegCount(used, party, left, draft) < 2 ? null : draft;
    }

    private static int LegCount(ConfiguredTransmitter[] used, string[] party, string[] left, Draft draft) =>
        used.Length + (party.Length > 0 ? 1 : 0) + (left.Any(draft.Sends.Contains) ? 1 : 0) + (left.Any(m => !draft.Sends.Contains(m)) ? 1 : 0);

    private static Draft Try(PlanContext context, ConfiguredTransmitter[] used, string[] party, string[] left, string[] airplay)
    {
        var draft = new Draft(context, Route.Mixed);
        SourceFeed.ThroughGateway(draft);
        var byAir = airplay.ToHashSet(StringComparer.Ordinal);
        FanOutRoute.AddLeg(draft, [.. left.Where(m => !byAir.Contains(m))]);
        foreach (var transmitter in used) TransmitterRoute.AddLeg(draft, transmitter, throughGateway: true);
        if (party.Length > 0) PartyModeRoute.AddLeg(draft, party, party[0], Names.Cut(context.Speaker(party[0])!.Model!.PartyMode!), direct: false);
        AirPlayRoute.AddLeg(draft, airplay);
        AdapterPlacement.Apply(draft);
        FanOutRoute.KeepAwake(draft);
        return draft;
    }

    private static bool IsBlockedAlone(PlanContext context, string member)
    {
        var draft = new Draft(context, Route.FanOut);
        FanOutRoute.AddLeg(draft, [member]);
        return !draft.IsFeasible;
    }

    /// <summary>No party mode, or each brand's that two or more of the rest share.</summary>
    private static IEnumerable<string[]> PartyChoices(PlanContext context, string[] rest)
    {
        yield return [];
        var brands = rest.Where(m => context.Speaker(m)?.Model?.PartyMode is not null)
            .GroupBy(m => context.Speaker(m)!.Model!.Vendor ?? context.Speaker(m)!.Model!.Model, StringComparer.OrdinalIgnoreCase);
        foreach (var brand in brands)
        {
            if (brand.Count() is >= 2 and var count && count < context.Members.Count) yield return [.. brand];
        }
    }
}
