namespace Gateway.Engine;

/// <summary>The infeasible plan: the blockers of every route tried, and what would work instead.</summary>
internal static class Refusal
{
    /// <param name="tried">The drafts of the routes tried; all infeasible.</param>
    /// <param name="others">What else there is where one route was forced: for the alternatives.</param>
    public static Plan Write(PlanContext context, IReadOnlyList<Draft> tried, IReadOnlyList<Draft> others)
    {
        var best = tried.GroupBy(d => d.Route).OrderBy(g => g.Key).Select(g => g.MinBy(d => d.Blockers.Count)!).ToArray();
        var blockers = new List<PlanNotice>();
        foreach (var blocker in best.SelectMany(d => d.Blockers))
        {
            if (!blockers.Exists(b => b.Rule == blocker.Rule && b.Text == blocker.Text)) blockers.Add(blocker);
        }

        return new Plan
        {
            Feasible = false,
            Automatic = Automation.No,
            Group = context.Request.Group,
            Source = context.Request.Source?.ToString(),
            Members = context.Members,
            Route = Route.Infeasible,
            Warnings = CatalogueNotices.Of(context),
            Blockers = blockers,
            Alternatives = Alternatives.ToRefusal(context, best, others),
        };
    }
}
