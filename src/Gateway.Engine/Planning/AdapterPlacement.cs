namespace Gateway.Engine;

/// <summary>Gives every stream of a draft an adapter (T4, L4) and writes the steps that bring it there.</summary>
internal static class AdapterPlacement
{
    public static void Apply(Draft draft)
    {
        if (!draft.IsFeasible || (draft.Sends.Count == 0 && draft.Receives is null)) return;
        var context = draft.Context;
        var slots = Slots(draft, out var indices);
        var items = draft.Sends.Select(id => Item(context, id, indices, draft.Automatic == Automation.Yes)).ToArray();
        var receiver = draft.Receives is null ? (int?)null : Array.IndexOf(indices, context.ReceivesAt(draft.Receives));
        var pairedOn = context.Echo(draft.Receives)?.PairedOn ?? (context.Phone(draft.Receives) is { PairedOn.Count: > 0 } phone ? Fact.Of(phone.PairedOn) : default);
        var keys = pairedOn.IsKnown ? NeedsPairing(context, pairedOn, indices).Select(needs => !needs).ToArray() : null;
        if (PlacementSearch.Solve(slots, items, receiver, keys) is not { } placement)
        {
            PlacementRefusal.Explain(draft, slots);
            return;
        }

        if (placement.Receiver >= 0) LinkSource(draft, indices[placement.Receiver]);
        for (var i = 0; i < items.Length; i++) LinkSink(draft, draft.Sends[i], indices[placement.Adapters[i]]);
        WarnMixedRoles(draft, slots, indices, placement);
        AskAboutPower(draft, indices, placement);
    }

    // The adapters that may be used at all: known good ones first, so that a cut at 16 loses the doubtful ones.
    private static StreamSlot[] Slots(Draft draft, out int[] indices)
    {
        var adapters = draft.Context.Adapters.All;
        var (sending, receiving) = OtherStreams(draft);
        indices = [.. Enumerable.Range(0, adapters.Count).Where(i => adapters[i].IsUsable).OrderBy(i => adapters[i].Powered.IsKnown ? 0 : 1).Take(PlacementSearch.MostAdapters).Order()];
        return [.. indices.Select(i => new StreamSlot(Math.Max(0, adapters[i].Capacity - sending[i] - receiving[i]), adapters[i].CanSend, adapters[i].CanReceive,
            adapters[i].Doubt, sending[i] > 0, receiving[i] > 0))];
    }

    /// <summary>T4: streams that are there already and stay, by adapter.</summary>
    private static (int[] Sending, int[] Receiving) OtherStreams(Draft draft)
    {
        var context = draft.Context;
        var sending = new int[context.Adapters.All.Count];
        var receiving = new int[context.Adapters.All.Count];
        var mine = draft.Sends.ToHashSet(StringComparer.Ordinal);
        foreach (var speaker in context.Speakers)
        {
            if (!mine.Contains(speaker.Id) && context.AdapterOf(speaker) is >= 0 and var index && !draft.IsCut(speaker.Id)) sending[index]++;
        }

        foreach (var echo in context.Echoes)
        {
            if (echo.Id == draft.Receives || mine.Contains(echo.Id) || draft.IsCut(echo.Id)) continue;
            if (context.AdapterOf(echo, LinkRole.ReceivesFrom) is >= 0 and var sends) sending[sends]++;
            if (context.AdapterOf(echo, LinkRole.PlaysTo) is >= 0 and var receives) receiving[receives]++;
        }

        return (sending, receiving);
    }

    private static StreamItem Item(PlanContext context, string id, int[] indices, bool staysAutomatic)
    {
        if (context.Echo(id) is { } echo)
        {
            var pinned = Array.IndexOf(indices, context.AdapterOf(echo, LinkRole.ReceivesFrom));
            return new StreamItem(pinned, echo.PairedOn.IsKnown ? NeedsPairing(context, echo.PairedOn, indices) : null, staysAutomatic && echo.PairedOn.IsKnown);
        }

        var speaker = context.Speaker(id)!;
        return new StreamItem(Array.IndexOf(indices, context.AdapterOf(speaker)), NeedsPairing(context, speaker.PairedOn, indices), staysAutomatic && SpeakerLinks.WhyPairedByHand(context, speaker) is not null);
    }

    /// <summary>By adapter: it is not known to be paired there. Pairing keys belong to one adapter (T4).</summary>
    private static bool[] NeedsPairing(PlanContext context, Fact<IReadOnlyList<string>> pairedOn, int[] indices)
    {
        var needs = new bool[indices.Length];
        Array.Fill(needs, true);
        foreach (var name in pairedOn.Or([]) ?? [])
        {
            if (Array.IndexOf(indices, context.Adapters.Find(name)) is >= 0 and var slot) needs[slot] = false;
        }

        return needs;
    }

    private static void LinkSource(Draft draft, int index)
    {
        var context = draft.Context;
        var id = draft.Receives!;
        var adapter = context.Adapters.All[index];
        var pinned = context.ReceivesAt(id);
        if (pinned == index) return;
        if (pinned >= 0 && context.Echo(id) is { } echo) EchoLinks.Move(draft, echo, context.Adapters.All[pinned], adapter);
        draft.Link(new ConnectStep(id, null, adapter.Name, $"{context.Name(id)} plays to us{On(adapter)}: to it the gateway is its one speaker."));
    }

    private static void LinkSink(Draft draft, string id, int index)
    {
        var context = draft.Context;
        var adapter = context.Adapters.All[index];
        if (context.Echo(id) is { } echo)
        {
            var pinned = context.AdapterOf(echo, LinkRole.ReceivesFrom);
            if (pinned == index) return;
            if (pinned >= 0) EchoLinks.Move(draft, echo, context.Adapters.All[pinned], adapter);
            if (echo.PairedOn.IsKnown && !IsPaired(context, echo.PairedOn, index))
            {
                draft.AskUser(id, null, $"{echo.Name} is not paired{On(adapter)}, where there is room for it. Pair it there: tutti pair --open --echo {id}.");
            }

            draft.Link(new ConnectStep(id, null, adapter.Name, $"{echo.Name} receives from us{On(adapter)}."));
            return;
        }

        LinkSpeaker(draft, context.Speaker(id)!, index);
    }

    private static void LinkSpeaker(Draft draft, SpeakerView speaker, int index)
    {
        var context = draft.Context;
        var adapter = context.Adapters.All[index];
        var now = context.AdapterOf(speaker);
        if (now == index) return;
        if (now >= 0) Move(draft, speaker, context.Adapters.All[now], adapter);
        if (!IsPaired(context, speaker.PairedOn, index))
        {
            if (SpeakerLinks.WhyPairedByHand(context, speaker) is { } why) draft.AskUser(speaker.Id, null, $"{why} Make {speaker.Name} ready to pair{On(adapter)}{(AirPlayRoute.CouldBeOffered(context, speaker.Id) ? $", or set airplay: true for it where the sound server offers AirPlay, its bridge" : "")}.");
            draft.Link(new PairStep(speaker.Id, adapter.Name, $"{speaker.Name} is not known to be paired{On(adapter)}; pairing keys belong to one adapter."));
        }

        draft.Link(new ConnectStep(speaker.Id, null, adapter.Name, $"{speaker.Name} plays{On(adapter)}."));
    }

    private static void Move(Draft draft, SpeakerView speaker, AdapterView from, AdapterView to)
    {
        draft.Cut(speaker.Id, from.Id, from.Name, $"{speaker.Name} moves from {from.Name} to {to.Name}, where there is room.");
        draft.Warn("L2", [speaker.Id], $"{speaker.Name}'s link to {from.Name} is replaced by one to {to.Name}, because {from.Name} cannot carry all its streams.",
            "Wait for some seconds: its sound stops and comes back by itself.");
    }

    private static bool IsPaired(PlanContext context, Fact<IReadOnlyList<string>> pairedOn, int index)
    {
        foreach (var name in pairedOn.Or([]) ?? []) if (context.Adapters.Find(name) == index) return true;
        return false;
    }

    private static void WarnMixedRoles(Draft draft, StreamSlot[] slots, int[] indices, PlacementResult placement)
    {
        for (var s = 0; s < slots.Length; s++)
        {
            var adapter = draft.Context.Adapters.All[indices[s]];
            if (adapter.IsAssumed) continue;
            var sends = placement.Adapters.Contains(s);
            var receives = placement.Receiver == s;
            if (!(receives && (sends || slots[s].SendsForOthers)) && !(sends && slots[s].ReceivesForOthers)) continue;
            var devices = draft.Sends.Where((_, i) => placement.Adapters[i] == s).Append(receives ? draft.Receives! : null).OfType<string>();
            draft.Warn("L4", [.. devices], $"{adapter.Name} both receives and feeds speakers, for want of room elsewhere; that is less steady.", "Add a Bluetooth adapter, so that one receives and the others feed speakers.");
        }
    }

    private static void AskAboutPower(Draft draft, int[] indices, PlacementResult placement)
    {
        foreach (var s in placement.Adapters.Append(placement.Receiver).Where(s => s >= 0).Distinct().Order())
        {
            var adapter = draft.Context.Adapters.All[indices[s]];
            if (!adapter.IsAssumed && !adapter.Powered.IsKnown) draft.Ask("T4", adapter.Id, "Are these Bluetooth adapters switched on: {0}?");
        }

        if (!draft.Context.Adapters.AreUnknown || placement.Adapters.Length + (placement.Receiver < 0 ? 0 : 1) is not (> 0 and var streams)) return;
        draft.Ask("T4", null, $"Which Bluetooth adapters has this machine? This takes room for {(streams == 1 ? "1 stream" : $"{streams} streams")}; an adapter usually carries {draft.Context.Limits.DefaultStreamsPerAdapter}.");
    }

    private static string On(AdapterView adapter) => adapter.IsAssumed ? "" : $" on {adapter.Name}";
}
