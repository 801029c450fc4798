namespace Gateway.Engine;

/// <summary>The infeasible plan: the blockers of every route tried, and what would work instead.</summary>
internal static class Refusal
{
    private const int MostOthers = 8;

    /// <param name="tried">The drafts of the routes tried; all infeasible.</param>
    /// <param name="others">What else there is where one route was forced: for the alternatives.</param>
    public static Plan Write(PlanContext context, IReadOnlyList<Draft> tried, IReadOnlyList<Draft> others)
    {
        // What Alexa plays by itself takes no source of the gateway's: where one is asked for, that is the last thing to say.
        var throughGateway = context.Request.Source is { Kind: not SourceKind.Alexa };
        var best = tried.GroupBy(d => d.Route).OrderBy(g => throughGateway && g.Key is (Route.StereoPair or Route.WifiGroup)).ThenBy(g => g.Key).Select(g => g.MinBy(d => d.Blockers.Count)!).ToArray();
        var shown = best.Concat(Others(tried, best)).ToArray();
        return new Plan
        {
            Feasible = false,
            Automatic = Automation.No,
            Group = context.Request.Group,
            Source = context.Request.Source?.ToString(),
            Members = context.Members,
            Route = Route.Infeasible,
            Warnings = CatalogueNotices.Of(context),
            Blockers = Merged(shown),
            Unknown = Questions(best),
            Alternatives = Alternatives.ToRefusal(context, best, others),
        };
    }

    /// <summary>What else stood in a route's way: its other drafts. Of mixed the nearest miss is enough, because its legs are tried alone too.</summary>
    private static IEnumerable<Draft> Others(IReadOnlyList<Draft> tried, Draft[] best) =>
        tried.Where(d => d.Route != Route.Mixed && !best.Contains(d)).OrderBy(d => d.Blockers.Count).Take(MostOthers);

    private static List<PlanNotice> Merged(IEnumerable<Draft> drafts)
    {
        var blockers = new List<PlanNotice>();
        foreach (var blocker in drafts.SelectMany(d => d.Blockers))
        {
            if (!blockers.Exists(b => b.Rule == blocker.Rule && b.Text == blocker.Text)) blockers.Add(blocker);
        }

        return blockers;
    }

    private static List<PlanQuestion> Questions(IEnumerable<Draft> drafts)
    {
        var questions = new List<PlanQuestion>();
        foreach (var question in drafts.SelectMany(d => d.Questions()))
        {
            if (!questions.Exists(q => q.Ask == question.Ask)) questions.Add(question);
        }

        return questions;
    }
}
