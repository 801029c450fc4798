namespace Gateway.Engine;

/// <summary>Other ways: what also works beside a plan, and what would work instead of a refusal.</summary>
internal static class Alternatives
{
    public static IReadOnlyList<PlanAlternative> ToFeasible(PlanContext context, Draft chosen, IReadOnlyList<Draft> drafts)
    {
        var working = drafts.Where(d => d.IsFeasible && d.Route != chosen.Route).ToList();
        working.Sort(Choice.Compare);
        var list = working.DistinctBy(d => d.Route).Select(Working).ToList();
        // S2: the bridge is worth naming where the plan needs the user anyway.
        if (chosen.Automatic != Automation.Yes && Bridge(context) is { } bridge && !list.Exists(x => x.Route == bridge.Route)) list.Add(bridge);
        AddBroadcast(context, list);
        return list;
    }

    public static IReadOnlyList<PlanAlternative> ToRefusal(PlanContext context, IReadOnlyList<Draft> best, IReadOnlyList<Draft> others)
    {
        var list = new List<PlanAlternative>();
        var working = others.Where(d => d.IsFeasible).ToList();
        working.Sort(Choice.Compare);
        list.AddRange(working.DistinctBy(d => d.Route).Select(d => InsteadOfForced(Working(d))));
        if (list.Count == 0 && context.Request.ForcedRoute is not (null or Route.FanOut) && FanOut(context, others) is { } fanOut) list.Add(fanOut);
        list.AddRange(best.Where(d => d.Route != Route.Infeasible && !d.IsHopeless).Select(Repaired));
        if (list.Count == 0)
        {
            list.AddRange(others.Where(d => !d.IsFeasible && !d.IsHopeless).GroupBy(d => d.Route).OrderBy(g => g.Key).Select(g => Repaired(g.MinBy(d => d.Blockers.Count)!)));
        }

        AddBroadcast(context, list);
        return list;
    }

    private static PlanAlternative Working(Draft draft)
    {
        var ask = draft.Steps.OfType<AskUserStep>().FirstOrDefault()?.Why;
        return new PlanAlternative(draft.Route, (ask ?? "Works as things are.") + Cuts(draft));
    }

    private static string Cuts(Draft draft) => draft.Drops.Count == 0 ? "" : $" It cuts {(draft.Drops.Count == 1 ? "1 link" : $"{draft.Drops.Count} links")}.";

    private static PlanAlternative InsteadOfForced(PlanAlternative works) => works with { Needs = $"Remove route:, or write route: {RouteNames.Of(works.Route)}. {works.Needs}" };

    /// <summary>What Alexa plays reaches other speakers by an Echo's link to us: with such a source the fan-out works. Else what it needs besides; null: nothing helps it.</summary>
    private static PlanAlternative? FanOut(PlanContext context, IReadOnlyList<Draft> others)
    {
        foreach (var echo in context.Echoes.Where(e => !context.MemberSet.Contains(e.Id) && e.Online.Or(true)))
        {
            var source = new SourceRef(SourceKind.Echo, echo.Id);
            var draft = FanOutRoute.Build(new PlanContext(context.House, context.Request with { Source = source, ForcedRoute = null }));
            if (draft.IsFeasible) return InsteadOfForced(new PlanAlternative(Route.FanOut, $"Set the source to {source}: what {echo.Name} plays then goes through the gateway to all members.{Cuts(draft)}"));
        }

        return others.FirstOrDefault(d => d is { Route: Route.FanOut, IsHopeless: false }) is { } asItIs ? InsteadOfForced(Repaired(asItIs)) : null;
    }

    /// <summary>Once all that stands in its way is put right, the route works.</summary>
    private static PlanAlternative Repaired(Draft draft) => new(draft.Route, string.Join(" ", draft.Blockers.Select(b => b.Remedy).Distinct()));

    private static PlanAlternative? Bridge(PlanContext context)
    {
        var bridged = context.Members.Where(id => AirPlayRoute.CouldBeOffered(context, id)).ToArray();
        if (bridged.Length == 0) return null;
        var all = context.Members.All(id => AirPlayRoute.IsOffered(context, id) || bridged.Contains(id));
        return new PlanAlternative(all ? Route.AirPlay : Route.Mixed, $"Let the sound server find AirPlay outputs, and set airplay: true for {context.NamesOf(bridged)}.");
    }

    private static void AddBroadcast(PlanContext context, List<PlanAlternative> list)
    {
        if (BroadcastRoute.HardwareCould(context)) list.Add(new PlanAlternative(Route.Broadcast, "A later version: adapter and speakers have LE Audio, but broadcast is not built yet."));
    }
}
