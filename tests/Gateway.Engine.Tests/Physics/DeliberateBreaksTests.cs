namespace Gateway.Engine.Tests.Physics;

/// <summary>The model is worth something only if it notices: each named break of a sound plan must be found, wherever it applies.</summary>
public sealed class DeliberateBreaksTests
{
    private static readonly Dictionary<string, Func<Spec, Plan, Plan?>> s_breaks = new()
    {
        ["forgets to announce a drop"] = (_, plan) => plan.Drops.Count == 0 ? null : plan with { Drops = [.. plan.Drops.Skip(1)] },
        ["replaces an Echo's link without cutting it first"] = (spec, plan) =>
            plan.Steps.FirstOrDefault(s => s is DisconnectStep && plan.Steps.Any(c => c is ConnectStep && c.Device == s.Device)) is { } cut ? Without(plan, cut) : null,
        ["takes every speaker on one adapter"] = (spec, plan) => Crowded(spec, plan),
        ["connects a speaker that is not paired on that adapter"] = (_, plan) => plan.Steps.FirstOrDefault(s => s is PairStep) is { } pair ? Without(plan, pair) : null,
        ["pairs by itself what only the user can pair"] = (_, plan) => plan.Route == Route.FanOut &&
            plan.Steps.FirstOrDefault(s => s is AskUserStep && plan.Steps.Any(p => p is PairStep && p.Device == s.Device)) is { } ask
                ? Without(plan, ask) : null,
        ["leaves a member out"] = (spec, plan) =>
            plan.Route == Route.FanOut && plan.Steps.LastOrDefault(s => s is ConnectStep && plan.Members.Contains(s.Device)) is { } last ? Without(plan, last) : null,
        ["lets the feeding Echo be a member"] = (spec, plan) =>
            plan is { Route: Route.FanOut, Source: { } source } && source.StartsWith("echo:", StringComparison.Ordinal) ? plan with { Members = [.. plan.Members, source[5..]] } : null,
        ["plays on the socket while the Echo plays by Bluetooth"] = (spec, plan) =>
            plan.Route == Route.Transmitter && plan.Steps.FirstOrDefault(s => s is DisconnectStep && spec.Echo(s.Device) is not null) is { } cut
                ? Without(plan, cut) with { Drops = [.. plan.Drops.Where(d => d.Device != cut.Device)] } : null,
        ["starts before all is linked"] = (_, plan) => plan.Steps.Count < 2 ? null : plan with { Steps = [plan.Steps[^1], .. plan.Steps.SkipLast(1)] },
        ["hides that a speaker has a limitation"] = (_, plan) => plan.Warnings.Any(w => w.Rule[0] == 'S') ? plan with { Warnings = [.. plan.Warnings.Where(w => w.Rule[0] != 'S')] } : null,
    };

    private static readonly Lazy<IReadOnlyList<(int Seed, Spec Spec, Plan Plan)>> s_sound = new(() =>
        [.. Enumerable.Range(0, 3000).Select(seed => (seed, Spec: RandomSpecs.Make(new Random(seed), 5, forced: false))).Select(h => (h.seed, h.Spec, h.Spec.Plan())).Where(h => h.Item3.Feasible)]);

    public static TheoryData<string> Names => [.. s_breaks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planner_that(string name)
    {
        var applied = 0;
        foreach (var (seed, spec, plan) in s_sound.Value)
        {
            if (s_breaks[name](spec, plan) is not { } broken) continue;
            applied++;
            Assert.True(World.Violated(spec, broken, unknownLinksExist: false).Count > 0, $"seed {seed} is not found out\n{broken.Steps()}\n{spec}");
        }

        Assert.True(applied >= 10, $"only {applied} houses in which a planner {name}");
    }

    private static Plan Without(Plan plan, PlanStep step) => plan with { Steps = [.. plan.Steps.Where(s => s != step)] };

    private static Plan? Crowded(Spec spec, Plan plan)
    {
        var crowded = spec.Adapters.FirstOrDefault(a => a.Powered == true && a.Role == AdapterRole.Both && plan.Steps.Count(s => s is ConnectStep { Adapter: not null }) > a.Max);
        return crowded is null ? null : plan with { Steps = [.. plan.Steps.Select(s => s switch { ConnectStep { Adapter: not null } connect => connect with { Adapter = crowded.Name }, PairStep pair => pair with { Adapter = crowded.Name }, _ => s })] };
    }
}
