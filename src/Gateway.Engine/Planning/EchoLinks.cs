namespace Gateway.Engine;

/// <summary>The one link of an Echo (L1): replacing it (L2), and cutting one that is in the way (L5).</summary>
internal static class EchoLinks
{
    /// <summary>The Echo is to get another link: whatever it has now goes, and is announced.</summary>
    public static void Replace(Draft draft, EchoView echo, string purpose)
    {
        if (!echo.Link.IsKnown)
        {
            MayDrop(draft, echo, purpose);
            return;
        }

        if (PlanContext.Link(echo) is not { } link) return;
        var peer = draft.Context.PeerId(link);
        var peerName = draft.Context.Name(peer);
        if ((echo.Policy ?? draft.Context.Limits.OnSecondLink) == SecondLinkPolicy.Refuse)
        {
            draft.Block("L2", Devices(draft, echo, peer), $"{echo.Name} is linked to {peerName}, has one link only, and is set to refuse a second one.",
                $"Disconnect {echo.Name} from {peerName}, or set on_second_link: replace for it.");
            return;
        }

        if (!draft.Cut(echo.Id, peer, null, $"{echo.Name} has one link, and it is needed {purpose}.")) return;
        if (draft.Context.IsOurs(link))
        {
            draft.Warn("L2", [echo.Id], $"{echo.Name}'s link with us is turned round: it is needed {purpose}, and an Echo cannot play and receive at once.",
                "Switch off what uses the link the other way, or leave this Echo out of one of the two; else it goes without it meanwhile.");
            return;
        }

        draft.Warn("L2", Devices(draft, echo, peer), $"{echo.Name}'s link to {peerName} is cut: it has one link, and it is needed {purpose}.",
            $"Connect {echo.Name} to {peerName} again afterwards, or choose another Echo.");
    }

    /// <summary>Its link to us moves to another adapter of ours. That is no second link, so the policy has no say.</summary>
    public static void Move(Draft draft, EchoView echo, AdapterView from, AdapterView to)
    {
        if (PlanContext.Link(echo) is not { } link || !draft.Cut(echo.Id, draft.Context.PeerId(link), null, $"{echo.Name} moves from {from.Name} to {to.Name}, where there is room.")) return;
        draft.Warn("L2", [echo.Id], $"{echo.Name}'s link to {from.Name} is replaced by one to {to.Name}, because {from.Name} cannot carry it.", "Wait for some seconds: its sound stops and comes back by itself.");
    }

    /// <summary>Without a lasting key no link with us can be made, from either side; only somebody at the Echo can make one.</summary>
    public static void RequirePairing(Draft draft, EchoView echo, string purpose)
    {
        if (echo.PairedOn is not { IsKnown: true, Value: { } adapters }) return;
        if (adapters.Any(a => draft.Context.Adapters.Find(a) is >= 0 and var index && draft.Context.Adapters.All[index].IsUsable)) return;
        if (adapters.Count > 0)
        {
            draft.Block("T4", [echo.Id], $"{echo.Name} is paired on {Names.Join(adapters)} only, which cannot be used now, so it cannot {purpose}.",
                $"Switch that adapter on or plug it in, or pair {echo.Name} again: tutti pair --open --echo {echo.Id}.");
            return;
        }

        draft.Block("L3", [echo.Id], $"{echo.Name} is not paired with this gateway, so it cannot {purpose}.",
            $"Pair it: tutti pair --open --echo {echo.Id}, or press its Pair; then say to it \"Alexa, pair\".");
    }

    /// <summary>A link of either role must go, because the Echo is to play over Wi-Fi; or only one that plays out, because it silences the socket.</summary>
    public static void Clear(Draft draft, EchoView echo, bool onlyPlaying, string purpose)
    {
        if (!echo.Link.IsKnown)
        {
            MayDrop(draft, echo, purpose);
            return;
        }

        if (PlanContext.Link(echo) is not { } link || (onlyPlaying && link.Role != LinkRole.PlaysTo)) return;
        CutForL5(draft, echo, link, link.Role == LinkRole.PlaysTo
            ? "while it plays to a Bluetooth device it is silent everywhere else"
            : "playing in a Wi-Fi group drops it");
    }

    /// <summary>The Echo holds a speaker that the plan needs.</summary>
    public static void Release(Draft draft, EchoView echo, SpeakerView speaker)
    {
        if (PlanContext.Link(echo) is { } link) CutForL5(draft, echo, link, $"{speaker.Name} is needed here");
    }

    /// <summary>L5: with a link in the role plays_to nothing comes out of the Echo's socket or its groups.</summary>
    public static void WarnSilenced(Draft draft, EchoView echo)
    {
        WarnWifiGroup(draft, echo);
        if (echo.AudioOutput is { IsKnown: true, Value: AudioOutput.LineOut or AudioOutput.Optical })
        {
            draft.Warn("L5", [echo.Id], $"{echo.Name}'s audio output is its socket, which is silent while it plays to us by Bluetooth.", $"Feed what is wired to {echo.Name}'s socket from elsewhere meanwhile, if it is to sound.");
        }
    }

    /// <summary>L5: group playback and a link of either role do not go together (uncertain, so a warning).</summary>
    public static void WarnWifiGroup(Draft draft, EchoView echo)
    {
        if (echo.WifiGroup.Or(null) is not { } group) return;
        draft.Warn("L5", [echo.Id],
            $"{echo.Name} is in the Wi-Fi group {draft.Context.Name(group)}: it is silent there while it has this Bluetooth link, and group playback may drop the link.",
            $"Stop the Wi-Fi group's playback on {echo.Name} first.");
    }

    private static void CutForL5(Draft draft, EchoView echo, EchoLink link, string because)
    {
        var peer = draft.Context.PeerId(link);
        var peerName = draft.Context.Name(peer);
        if (!draft.Cut(echo.Id, peer, null, $"The link must go: {because}.")) return;
        draft.Warn("L5", Devices(draft, echo, peer), $"{echo.Name}'s link to {peerName} is cut: {because}.", $"Connect {echo.Name} to {peerName} again afterwards.");
    }

    private static void MayDrop(Draft draft, EchoView echo, string purpose) =>
        draft.Warn("L2", [echo.Id], $"Whether {echo.Name} has a Bluetooth link is not known; this may drop a link, because its one link is needed {purpose}.",
            $"Look in the Alexa app what {echo.Name} is connected to.");

    private static string[] Devices(Draft draft, EchoView echo, string peer) => draft.Context.Speaker(peer) is null ? [echo.Id] : [echo.Id, peer];
}
