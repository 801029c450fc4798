namespace Gateway.Engine;

/// <summary>Can we have this speaker, and who has it now (L3: paired is not connected)?</summary>
internal static class SpeakerLinks
{
    /// <summary>Everything that stands between us and a link to the speaker, apart from our adapters.</summary>
    public static void Claim(Draft draft, SpeakerView speaker)
    {
        var context = draft.Context;
        if (speaker.Sink is { } sink)
        {
            ClaimSink(draft, speaker, Names.Cut(sink));
            return;
        }

        if (context.AdapterOf(speaker) >= 0) return;
        if (IsOnForeignAdapter(context, speaker, out var adapter))
        {
            draft.Block("L3", [speaker.Id], $"{speaker.Name} is connected on {adapter}, which is not in bluetooth.adapters, so it is not touched.",
                $"Disconnect {speaker.Name} there, or add {adapter} to bluetooth.adapters.");
            return;
        }

        if (speaker.Reachable is { IsKnown: true, Value: false })
        {
            draft.Block("L3", [speaker.Id], $"{speaker.Name} is switched off or out of range; being paired is not being connected.", $"Switch {speaker.Name} on and bring it near.");
            return;
        }

        if (!speaker.Reachable.IsKnown) draft.Ask("L3", speaker.Id, "Are these switched on and in range: {0}?");
        Free(draft, speaker);
    }

    /// <summary>An output of the sound server needs no link: it is there, or it is not.</summary>
    private static void ClaimSink(Draft draft, SpeakerView speaker, string sink)
    {
        if (!speaker.Reachable.IsKnown) draft.Ask("sink", speaker.Id, "Has the sound server the outputs of these: {0}? pactl list short sinks names them.");
        else if (!speaker.Reachable.Value)
            draft.Block("sink", [speaker.Id], $"The sound server has no output {sink}, which {speaker.Name} is.", $"Switch {speaker.Name} on, or correct its sink: (pactl list short sinks names those that there are).");
    }

    /// <summary>Takes the speaker from the Echos that hold it; refuses where a stranger does.</summary>
    private static void Free(Draft draft, SpeakerView speaker)
    {
        var holders = draft.Context.PlayingTo(speaker.Id);
        foreach (var echo in holders) EchoLinks.Release(draft, echo, speaker);
        if (holders.Count > 0 || speaker.HeldElsewhere is not { IsKnown: true, Value: true }) return;
        var exclusive = speaker.Model?.Exclusive == true;
        draft.Block(exclusive ? speaker.Model!.Rule : "L3", [speaker.Id],
            exclusive ? $"{speaker.Name} is held by another device, and rejects a second connection." : $"{speaker.Name} is held by another device (a phone, a television).",
            $"Disconnect {speaker.Name} from the device that holds it.");
    }

    /// <summary>The speaker is to hear another box (a transmitter, a party leader): its links to us and to Echos must go (L5).</summary>
    public static void LetGo(Draft draft, SpeakerView speaker, string because)
    {
        var context = draft.Context;
        foreach (var echo in context.PlayingTo(speaker.Id)) EchoLinks.Release(draft, echo, speaker);
        var index = context.AdapterOf(speaker);
        if (index < 0) return;
        var adapter = context.Adapters.All[index];
        if (!draft.Cut(speaker.Id, adapter.Id, adapter.Name, $"{speaker.Name} must leave {adapter.Name}: {because}.")) return;
        draft.Warn("L5", [speaker.Id], $"{speaker.Name}'s link to our {adapter.Name} is cut: {because}.", $"Connect {speaker.Name} again afterwards.");
    }

    /// <summary>Why no program can pair the speaker with us, in a sentence; null: one can.</summary>
    public static string? WhyPairedByHand(PlanContext context, SpeakerView speaker)
    {
        if (speaker.Model is { AppOnly: true }) return $"{speaker.Name} connects through its maker's app only.";
        var box = context.TransmitterOf(speaker.Id);
        return box is null ? null : $"{speaker.Name} is paired to the transmitter {Names.Cut(box.Name)}, and is not known to be paired with us.";
    }

    private static bool IsOnForeignAdapter(PlanContext context, SpeakerView speaker, out string name)
    {
        var index = context.Adapters.Find(speaker.ConnectedOn.Or(null));
        name = index < 0 ? "" : context.Adapters.All[index].Name ?? "";
        return index >= 0 && !context.Adapters.All[index].Allowed;
    }
}
