namespace Gateway.Engine;

/// <summary>The gateway plays to each member over its own adapters (L6), or through the sound server to what needs none; Echos may be receivers (L7).</summary>
internal static class FanOutRoute
{
    public static Draft Build(PlanContext context)
    {
        var draft = new Draft(context, Route.FanOut) { Class = SyncClass.Locked };
        SourceFeed.ThroughGateway(draft);
        AddLeg(draft, context.Members);
        AdapterPlacement.Apply(draft);
        KeepAwake(draft);
        return draft;
    }

    public static void AddLeg(Draft draft, IReadOnlyList<string> devices)
    {
        // Echos first: a link that is replaced anyway (L2) is not also one that must go for a speaker's sake (L5).
        foreach (var id in devices) if (draft.Context.Echo(id) is { } echo) Receiver(draft, echo);
        foreach (var id in devices) if (draft.Context.Speaker(id) is { } speaker) SpeakerLinks.Claim(draft, speaker);
        foreach (var id in devices) (draft.Context.IsWired(id) ? draft.Wired : draft.Sends).Add(id);
        WarnSlots(draft, devices);
    }

    /// <summary>S1: speakers that switch themselves off get a constant inaudible feed.</summary>
    public static void KeepAwake(Draft draft)
    {
        foreach (var id in draft.Sends.Concat(draft.Wired))
        {
            if (draft.Context.Speaker(id) is not { Model: { IdlePowerOffMinutes: { } minutes } model } speaker) continue;
            draft.Late(new KeepAwakeStep(id, $"{speaker.Name} switches itself off after {minutes:0.#} idle minutes."));
        }
    }

    public static void Receiver(Draft draft, EchoView echo)
    {
        if (echo.Online is { IsKnown: true, Value: false })
        {
            draft.Block("L3", [echo.Id], $"{echo.Name} is offline, so no link to it can be made.", $"Bring {echo.Name} online.");
            return;
        }

        if (!echo.Online.IsKnown) draft.Ask("L3", echo.Id, "Are these Echos switched on and online: {0}?");
        if (draft.Receives == echo.Id) return;
        EchoLinks.RequirePairing(draft, echo, "receive from it");
        EchoLinks.WarnWifiGroup(draft, echo);
        if (draft.Context.AdapterOf(echo, LinkRole.ReceivesFrom) < 0) EchoLinks.Replace(draft, echo, "to receive from us");
    }

    // T3: what is paired to a transmitter goes back to it whenever that is on.
    public static void WarnSlots(Draft draft, IReadOnlyList<string> devices)
    {
        var wanted = devices.ToHashSet(StringComparer.Ordinal);
        foreach (var transmitter in draft.Context.House.Configured.Transmitters)
        {
            var taken = transmitter.Speakers.Where(d => wanted.Contains(d) && draft.Context.Speaker(d) is { } s && draft.Context.AdapterOf(s) < 0).Distinct().ToArray();
            if (taken.Length == 0) continue;
            draft.Warn("T3", taken, $"{draft.Context.NamesOf(taken)} {(taken.Length == 1 ? "is" : "are")} paired to the transmitter {Names.Cut(transmitter.Name)}, which takes {(taken.Length == 1 ? "it" : "them")} when it is on.",
                $"Switch {Names.Cut(transmitter.Name)} off while this group plays.");
        }
    }
}
