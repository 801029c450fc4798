namespace Gateway.Engine;

/// <summary>Alexa's Multi-Room Music: it plays by itself, 22-28 ms apart (G4).</summary>
internal static class WifiGroupRoute
{
    public static Draft Build(PlanContext context)
    {
        var draft = new Draft(context, Route.WifiGroup) { Class = SyncClass.Roomwide };
        SourceFeed.ByAlexa(draft, "A Wi-Fi group");
        if (context.Members.Count == 1 && context.Echo(context.Members[0]) is { } alone) WifiEligibility.CheckAlone(draft, alone);
        else AddLeg(draft, context.Members);
        return draft;
    }

    /// <summary>Brings exactly these devices together in a Wi-Fi group.</summary>
    public static void AddLeg(Draft draft, IReadOnlyList<string> devices)
    {
        WifiEligibility.CheckKind(draft, devices);
        WifiEligibility.CheckSize(draft, devices);
        WifiEligibility.CheckEchoes(draft, devices, "to play in the Wi-Fi group");
        if (Exists(draft.Context, devices)) return;
        var context = draft.Context;
        var names = context.NamesOf(devices);
        if (context.Limits.CreateWifiGroups) draft.Prepare(new CreateWifiGroupStep(context.Request.Group ?? devices[0], devices, $"No Wi-Fi group has exactly {names}."));
        else draft.AskUser(context.Request.Group ?? devices[0], null, $"Create a Wi-Fi group of {names} in the Alexa app{(context.Abilities.Has(Feature.AlexaApi) ? " (or set echo.create_groups: true)" : "")}.", devices);
    }

    private static bool Exists(PlanContext context, IReadOnlyList<string> devices)
    {
        foreach (var group in context.House.Observed.WifiGroups ?? [])
        {
            if (group.Members.Count >= devices.Count && devices.ToHashSet(StringComparer.Ordinal).SetEquals(group.Members)) return true;
        }

        return false;
    }
}
