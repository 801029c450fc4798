using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Engine.Tests.Physics;

/// <summary>On small houses the planner finds a way exactly when trying everything finds one, and the best one.</summary>
public sealed class BruteForceTests
{
    [Fact]
    public void Infeasible_means_that_trying_everything_finds_nothing_and_the_choice_is_the_best_there_is()
    {
        Prop.ForAll(RandomSpecs.Houses(4), Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(Houses.Count));
    }

    private static Property Agrees(Spec spec)
    {
        var plan = spec.Plan();
        var ways = new BruteForce(spec).Ways();
        var best = ways.OrderBy(w => w.Automatic ? 0 : 1).ThenBy(w => w.Drops).ThenBy(w => w.Route).FirstOrDefault();
        var chosen = plan.Feasible ? new Way(plan.Route, plan.Automatic == Automation.Yes, plan.Drops.Count) : null;
        // Of mixed ways that need the user the planner looks at the sensible ones only; that one exists must agree.
        var agrees = best == chosen || (best is { Route: Route.Mixed, Automatic: false } && chosen is { Route: Route.Mixed, Automatic: false });
        return agrees.Label($"planner {chosen} {plan.Steps()}\nbrute force {best}\n{string.Join("\n", plan.Blockers.Select(b => $"{b.Rule} {b.Text}"))}\n{spec}");
    }
}
