using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Engine.Tests.Physics;

/// <summary>On small houses the planner finds a way exactly when trying everything finds one, and the best one.</summary>
public sealed class BruteForceTests
{
    [Fact]
    public void Infeasible_means_that_trying_everything_finds_nothing_and_the_choice_is_the_best_there_is()
    {
        Prop.ForAll(RandomSpecs.Houses(4), Agrees).Check(Houses.Asked);
    }

    private static Property Agrees(Spec spec)
    {
        var plan = spec.Plan();
        var ways = new BruteForce(spec).Ways();
        var best = Best(ways);
        var chosen = plan.Feasible ? new Way(plan.Route, plan.Automatic == Automation.Yes, plan.Drops.Count) : null;
        // Of mixed ways that need the user the planner looks at the sensible ones only: where one of the others is the best there is, it may choose
        // one that it did look at, or the best of all that is not of the kind.
        var agrees = chosen == best || (best is not null && MixedByHand(best) && chosen is not null && (MixedByHand(chosen) || chosen == Best(ways.Where(w => !MixedByHand(w)))));
        return agrees.Label($"planner {chosen} {plan.Steps()}\nbrute force {best}\n{string.Join("\n", plan.Blockers.Select(b => $"{b.Rule} {b.Text}"))}\n{spec}");
    }

    private static Way? Best(IEnumerable<Way> ways) => ways.OrderBy(w => w.Automatic ? 0 : 1).ThenBy(w => w.Drops).ThenBy(w => w.Route).FirstOrDefault();

    private static bool MixedByHand(Way way) => way is { Route: Route.Mixed, Automatic: false };
}
