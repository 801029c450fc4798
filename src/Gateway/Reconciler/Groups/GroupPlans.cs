using Gateway.Engine;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>What a group's plan is. Asks the planner about the house as it looks now; reads only.</summary>
internal sealed class GroupPlans(HouseView view, DesiredState desired)
{
    /// <summary>Not to be had right now: a speaker without a link, an Echo that is offline.</summary>
    public bool IsMissing(string member) => view.DeviceOfEcho(member) is { } device ? device.Online == false : view.OutputOf(member) is null;

    /// <summary>The plan of all, else, where that cannot be, of those who are there: one member's trouble must not silence the others.</summary>
    public Plan Around(
        GroupRun run, SourceRef? source, IReadOnlyList<string> leftAlone, IReadOnlyList<GroupRun> givingWay, Func<string, bool> away, Func<Plan, bool> acceptable)
    {
        var whole = For(run, source, leftAlone, givingWay);
        if (acceptable(whole)) return whole;
        List<string> without = [.. leftAlone, .. run.Group.Members.Except(leftAlone).Where(away)];
        if (without.Count == leftAlone.Count || without.Count == run.Group.Members.Count) return whole;
        var rest = For(run, source, without, givingWay);
        return acceptable(rest) ? rest : whole;
    }

    private Plan For(GroupRun run, SourceRef? source, IReadOnlyList<string> leftAlone, IReadOnlyList<GroupRun> givingWay)
    {
        var house = view.House;
        if (givingWay.Count > 0) house = house with { Observed = WithoutLinksOf(house.Observed, givingWay, run) };
        return Planner.Plan(house, new PlanRequest
        {
            Group = run.Group.Id,
            Members = [.. run.Group.Members.Except(leftAlone)],
            Source = source,
            ForcedRoute = run.Group.Route,
        });
    }

    /// <summary>The house as it will be when the groups that give way have let their speakers go.</summary>
    private HouseObservation WithoutLinksOf(HouseObservation observed, IReadOnlyList<GroupRun> givingWay, GroupRun run)
    {
        var freed = givingWay.SelectMany(g => g.Group.Members).Except(run.Group.Members).Where(m => desired.Speaker(m).Connected != true).ToHashSet();
        return observed with { Speakers = [.. observed.Speakers.Select(s => freed.Contains(s.Id) ? s with { ConnectedOn = Fact.Of<string?>(null) } : s)] };
    }

    /// <summary>Members that the user switched off one by one: they stay away until they, or their group, are switched on.</summary>
    public List<string> LeftAlone(IReadOnlyList<string> members, bool commanded) =>
        commanded ? [] : [.. members.Where(m => desired.Speaker(m).Connected == false)];

    public bool IsPresent(string member, Plan plan)
    {
        if (desired.Speaker(member).Connected == false) return false;
        if (AlexaGroups.Plays(plan)) return view.DeviceOfEcho(member)?.Online != false;
        return view.OutputOf(member) is not null
            || (view.Registry.IsEcho(member) && view.House.Observed.Echoes.FirstOrDefault(e => e.Id == member)?.Link.Or(null) is { Role: LinkRole.ReceivesFrom, Peer: var peer } && view.IsOurAdapter(peer));
    }

    /// <summary>S1: the plan's own step, for as long as it plays; beyond that the user's switch decides.</summary>
    public static bool KeepsAwake(Plan plan, string speaker) => plan.Steps.Any(s => s is KeepAwakeStep && s.Device == speaker);
}
