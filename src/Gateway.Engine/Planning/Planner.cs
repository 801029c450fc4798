namespace Gateway.Engine;

/// <summary>
/// Answers before anything is tried: which route, which steps, what is dropped, or what stands in the way. Pure and total: the same
/// house and request always give the same plan, and no house makes it throw. Threads: any, nothing is shared.
/// </summary>
public static class Planner
{
    public static Plan Plan(House house, PlanRequest request)
    {
        ArgumentNullException.ThrowIfNull(house);
        ArgumentNullException.ThrowIfNull(request);
        var context = new PlanContext(house, request);
        if (Nonsense(context) is { } nonsense) return Refusal.Write(context, [nonsense], []);

        var drafts = request.ForcedRoute is { } forced ? Routes.Of(context, forced) : Routes.All(context);
        var feasible = drafts.Where(d => d.IsFeasible).ToList();
        if (feasible.Count == 0)
        {
            return Refusal.Write(context, drafts, request.ForcedRoute is null ? [] : Routes.All(context));
        }

        feasible.Sort(Choice.Compare);
        var best = feasible[0];
        CatalogueNotices.Add(best);
        best.Late(new StartStep(context.StartDevice, $"Everything is in place on route {RouteNames.Of(best.Route)}."));
        return best.ToPlan(Alternatives.ToFeasible(context, best, drafts));
    }

    private static Draft? Nonsense(PlanContext context)
    {
        var draft = new Draft(context, Route.Infeasible);
        if (context.Members.Count == 0) draft.Block("config", [], "The group has no members.", "Name at least one Echo or speaker under members:.");
        if (context.Request.Source is { } source && !Myths.IsDlna(source) && context.Abilities.WhyNot(source) is { } notYet)
            draft.Block("version", [], notYet, $"Choose another source: {context.Abilities.SourceForms}.");
        foreach (var id in context.Members)
        {
            if (context.Echo(id) is not null || context.Speaker(id) is not null) continue;
            draft.Block("config", [id], $"There is no Echo or speaker \"{Names.Cut(id)}\".", "Name a device of the house." + Text.NearestNames.DidYouMean(id, Known(context)));
        }

        return draft.IsFeasible ? null : draft;
    }

    private static IEnumerable<string> Known(PlanContext context) => context.Echoes.Select(e => e.Id).Concat(context.Speakers.Select(s => s.Id)).Take(500);
}
