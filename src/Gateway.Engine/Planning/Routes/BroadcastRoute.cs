namespace Gateway.Engine;

/// <summary>LE Audio broadcast: not built, so never chosen; an alternative where the hardware could do it.</summary>
internal static class BroadcastRoute
{
    public static Draft Build(PlanContext context)
    {
        var draft = new Draft(context, Route.Broadcast);
        draft.BlockForGood("T4", context.Members, "LE Audio broadcast is not built yet: an adapter carries one stream for each speaker here.", "Leave route: out, so that fan-out is used.");
        return draft;
    }

    public static bool HardwareCould(PlanContext context) =>
        context.Members.Count > 0 && context.Adapters.All.Any(a => a.IsUsable && a.LeAudio) && context.Members.All(m => context.Speaker(m)?.LeAudio == true);
}
