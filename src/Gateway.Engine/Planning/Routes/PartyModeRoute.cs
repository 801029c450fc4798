namespace Gateway.Engine;

/// <summary>The brand's own multi-speaker mode (S4): one link to the leader, which passes the sound on.</summary>
internal static class PartyModeRoute
{
    private const int MostLeaders = 8;

    /// <summary>Each leader worth a try; a feeding Echo may play straight to it, or through the gateway.</summary>
    public static List<Draft> BuildAll(PlanContext context)
    {
        var drafts = new List<Draft>();
        foreach (var leader in Leaders(context, context.Members))
        {
            if (context.Request.Source is { Kind: SourceKind.Echo }) drafts.Add(Build(context, leader, direct: true));
            drafts.Add(Build(context, leader, direct: false));
        }

        return drafts;
    }

    private static Draft Build(PlanContext context, string leader, bool direct)
    {
        var draft = new Draft(context, Route.PartyMode);
        var mode = SameBrand(draft, context.Members);
        AddLeg(draft, context.Members, leader, mode, direct);
        AdapterPlacement.Apply(draft);
        FanOutRoute.KeepAwake(draft);
        return draft;
    }

    /// <summary>Has any member such a mode, so that the route is worth trying?</summary>
    public static bool Applies(PlanContext context) => context.Members.Any(m => context.Speaker(m)?.PartyMode is not null);

    /// <summary>Who could lead: leader and followers differ only in their present links, so the first stands for all that have none.</summary>
    public static IEnumerable<string> Leaders(PlanContext context, IReadOnlyList<string> devices)
    {
        var linked = devices.Where(d => context.Speaker(d) is { } s && (context.AdapterOf(s) >= 0 || context.PlayingTo(d).Count > 0)).Take(MostLeaders);
        return devices.Where(d => context.Speaker(d)?.HeldElsewhere.Or(false) == false).Take(1).Concat(linked).Concat(devices.Take(1)).Distinct();
    }

    /// <param name="direct">An Echo plays straight to the leader, without the gateway.</param>
    public static void AddLeg(Draft draft, IReadOnlyList<string> devices, string leader, string mode, bool direct)
    {
        var context = draft.Context;
        if (!draft.IsFeasible || context.Speaker(leader) is not { } lead) return;
        var followers = devices.Where(d => d != leader).ToArray();
        foreach (var id in followers)
        {
            SpeakerLinks.Claim(draft, context.Speaker(id)!);
            SpeakerLinks.LetGo(draft, context.Speaker(id)!, $"it is to follow {lead.Name} in {mode}");
        }

        FanOutRoute.WarnSlots(draft, devices);
        draft.AskUser(leader, null, $"Start {mode} on {lead.Name} as the leader, and let {context.NamesOf(followers)} join.");
        if (direct)
        {
            FromEcho(draft, lead);
            return;
        }

        if (draft.Source is null && draft.Receives is null) SourceFeed.ThroughGateway(draft);
        SpeakerLinks.Claim(draft, lead);
        draft.Sends.Add(leader);
    }

    /// <summary>The mode's name; blocks where the members are not all of one brand that has it.</summary>
    private static string SameBrand(Draft draft, IReadOnlyList<string> members)
    {
        var context = draft.Context;
        var models = members.Select(m => context.IsWired(m) ? null : context.Speaker(m)?.Model).ToArray();
        var lacking = members.Where((_, i) => models[i]?.PartyMode is null).ToArray();
        var brands = models.Where(m => m?.PartyMode is not null).Select(m => m!.Vendor ?? m.Model).Distinct(Text.NameFolding.Comparer).ToArray();
        if (members.Count < 2) draft.Block("S4", members, "A brand's party mode joins two or more speakers.", "Add another speaker of the same brand.");
        var lacks = $"{context.NamesOf(lacking)} {(lacking.Length == 1 ? "has" : "have")} no party mode that the others share: it joins speakers of one brand only.";
        if (lacking.Length > 0 && members.Count - lacking.Length < 2)
        {
            draft.BlockForGood("S4", lacking, lacks, "Play them by fan-out instead.");
        }
        else if (lacking.Length > 0)
        {
            draft.Block("S4", lacking, lacks, $"Leave {context.NamesOf(lacking)} out.");
        }
        else if (brands.Length > 1)
        {
            draft.Block("S4", members, $"Party modes join speakers of one brand only, and these are of {Names.Join([.. brands.Select(Names.Cut)])}.", "Leave the speakers of the other brands out.");
        }

        return Names.Cut(models.FirstOrDefault(m => m?.PartyMode is not null)?.PartyMode ?? "party mode");
    }

    private static void FromEcho(Draft draft, SpeakerView leader)
    {
        var context = draft.Context;
        var source = context.Request.Source!;
        draft.Source = source.ToString();
        if (context.Echo(source.Argument) is not { } echo)
        {
            draft.Block("L6", [], $"There is no Echo \"{Names.Cut(source.Argument ?? "")}\" to take the sound from.", "Name one of the configured Echos as the source.");
            return;
        }

        if (echo.Online is { IsKnown: true, Value: false }) draft.Block("L3", [echo.Id], $"{echo.Name} is offline, so it cannot play to {leader.Name}.", $"Bring {echo.Name} online.");
        if (!echo.Online.IsKnown) draft.Ask("L3", echo.Id, "Are these Echos switched on and online: {0}?");
        EchoLinks.WarnSilenced(draft, echo);
        if (context.PlayingTo(leader.Id).Contains(echo)) return;
        EchoLinks.Replace(draft, echo, $"to play to {leader.Name}");
        if (context.AdapterOf(leader) >= 0) SpeakerLinks.LetGo(draft, leader, $"{echo.Name} is to play to it");
        else SpeakerLinks.Claim(draft, leader);
        draft.Link(new ConnectStep(echo.Id, leader.Id, null, $"{echo.Name}'s one link goes to the leader {leader.Name}, which passes the sound on."));
    }
}
