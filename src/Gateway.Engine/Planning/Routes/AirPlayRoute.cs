namespace Gateway.Engine;

/// <summary>AirPlay speakers that the machine's sound server offers as outputs (the bridge for S2).</summary>
internal static class AirPlayRoute
{
    public static Draft Build(PlanContext context)
    {
        var draft = new Draft(context, Route.AirPlay);
        SourceFeed.ThroughGateway(draft);
        if (context.Abilities.WhyNot(Feature.AirPlay) is { } notYet) draft.BlockForGood("version", context.Members, notYet, "Leave route: out, so that fan-out is used.");
        AddLeg(draft, context.Members);
        AdapterPlacement.Apply(draft);
        return draft;
    }

    /// <summary>Is any member an AirPlay speaker, by configuration or catalogue?</summary>
    public static bool Applies(PlanContext context) => context.Abilities.Has(Feature.AirPlay) && context.Members.Any(m => context.Speaker(m) is { } s && (s.AirPlay ?? s.Model?.AirPlay) == true);

    public static bool IsOffered(PlanContext context, string id) => context.Abilities.Has(Feature.AirPlay) && context.Speaker(id)?.AirPlay == true;

    /// <summary>It has AirPlay by the catalogue, and nobody has said whether this machine offers it.</summary>
    public static bool CouldBeOffered(PlanContext context, string id) => context.Abilities.Has(Feature.AirPlay) && context.Speaker(id) is { AirPlay: null, Model.AirPlay: true };

    public static void AddLeg(Draft draft, IReadOnlyList<string> devices)
    {
        var context = draft.Context;
        if (!context.Abilities.Has(Feature.AirPlay)) return;
        var missing = devices.Where(id => !IsOffered(context, id)).ToArray();
        var never = missing.Where(id => !CouldBeOffered(context, id)).ToArray();
        foreach (var byRule in missing.Except(never).GroupBy(id => context.Speaker(id)!.Model!.Rule))
        {
            var names = context.NamesOf([.. byRule]);
            draft.Block(byRule.Key, [.. byRule], $"{names} can do AirPlay, but nobody has said that this machine's sound server offers it.",
                $"Let the sound server find AirPlay outputs, and set airplay: true for {names}.");
        }

        if (never.Length == 0) return;
        var text = $"{context.NamesOf(never)} {(never.Length == 1 ? "is no AirPlay speaker" : "are no AirPlay speakers")}.";
        if (never.Length == devices.Count) draft.BlockForGood("S2", never, text, "Play them by fan-out instead.");
        else draft.Block("S2", never, text, $"Leave {context.NamesOf(never)} out.");
    }
}
