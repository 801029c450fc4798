namespace Gateway.Engine;

/// <summary>What a person would go through by hand (docs/routes.md): pure, every item with one sentence and one remedy.</summary>
public static class Checklist
{
    /// <summary>The items of one Echo; empty where there is no such Echo.</summary>
    public static IReadOnlyList<CheckItem> ForEcho(House house, string echoId)
    {
        var context = new PlanContext(house, new PlanRequest { Members = [] });
        return context.Echo(echoId) is { } echo ? EchoChecks.Of(context, echo) : [];
    }

    /// <summary>The whole house: every Echo, every speaker, the adapters, the group size, and what was measured.</summary>
    public static IReadOnlyList<CheckItem> For(House house, CheckFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var context = new PlanContext(house, new PlanRequest { Members = [] });
        var items = new List<CheckItem>();
        foreach (var echo in context.Echoes) items.AddRange(EchoChecks.Of(context, echo));
        foreach (var speaker in context.Speakers) items.AddRange(SpeakerChecks.Of(context, speaker, facts));
        items.AddRange(HouseChecks.Of(context, facts));
        items.Add(LatencyTree.Decide(facts));
        return items;
    }
}
