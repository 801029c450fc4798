namespace Gateway.Engine;

/// <summary>AirPlay speakers that the machine's sound server offers as outputs (the bridge for S2).</summary>
internal static class AirPlayRoute
{
    public static Draft Build(PlanContext context)
    {
        var draft = new Draft(context, Route.AirPlay);
        SourceFeed.ThroughGateway(draft);
        AddLeg(draft, context.Members);
        AdapterPlacement.Apply(draft);
        return draft;
    }

    /// <summary>Is any member an AirPlay speaker, by configuration or catalogue?</summary>
    public static bool Applies(PlanContext context) => context.Members.Any(m => context.Speaker(m) is { } s && (s.AirPlay ?? s.Model?.AirPlay) == true);

    public static bool IsOffered(PlanContext context, string id) => context.Speaker(id)?.AirPlay == true;

    public static void AddLeg(Draft draft, IReadOnlyList<string> devices)
    {
        var context = draft.Context;
        foreach (var id in devices)
        {
            if (IsOffered(context, id)) continue;
            var possible = context.Speaker(id) is { AirPlay: null, Model.AirPlay: true };
            draft.Block(possible ? context.Speaker(id)!.Model!.Rule : "S2", [id],
                possible ? $"{context.Name(id)} can do AirPlay, but nobody has said that this machine's sound server offers it." : $"{context.Name(id)} is no AirPlay speaker.",
                possible ? $"Let the sound server find AirPlay outputs, and set airplay: true for {context.Name(id)}." : $"Leave {context.Name(id)} out.");
        }
    }
}
