using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Engine.Tests.Physics;

/// <summary>Plans over random houses are executed in a model that knows the physics and not the planner.</summary>
public sealed class PlanExecutionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_feasible_plan_keeps_the_rules_drops_nothing_unannounced_and_reaches_its_goal(bool unknownLinksExist)
    {
        Prop.ForAll(RandomSpecs.Houses(6), spec => Sound(spec, unknownLinksExist)).Check(Houses.Asked);
    }

    [Fact]
    public void So_does_every_plan_on_a_route_that_is_forced()
    {
        Prop.ForAll(RandomSpecs.Houses(5, forced: true), spec => Sound(spec, false)).Check(Houses.Asked);
    }

    private static Property Sound(Spec spec, bool unknownLinksExist)
    {
        var plan = spec.Plan();
        var wrong = plan.Feasible ? World.Violated(spec, plan, unknownLinksExist) : Refused(plan);
        return (wrong.Count == 0).Label($"{string.Join("\n", wrong)}\n{plan.Route} {plan.Automatic}\n{plan.Steps()}\ndrops {plan.Drops()}");
    }

    private static List<string> Refused(Plan plan)
    {
        var wrong = new List<string>();
        if (plan.Route != Route.Infeasible || plan.Automatic != Automation.No || plan.ExpectedClass is not null) wrong.Add("a refusal that looks like a plan");
        if (plan.Steps.Count + plan.Drops.Count > 0) wrong.Add("a refusal that does something");
        if (plan.Blockers.Count == 0) wrong.Add("a refusal without a reason");
        if (plan.Blockers.Any(b => b.Text.Length == 0 || b.Remedy.Length == 0)) wrong.Add("a reason without words or remedy");
        if (plan.Alternatives.Count == 0) wrong.Add("a refusal without an alternative: " + string.Join("; ", plan.Blockers.Select(b => b.Text)));
        return wrong;
    }
}
