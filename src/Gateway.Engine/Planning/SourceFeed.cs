namespace Gateway.Engine;

/// <summary>Where the sound comes from, for routes that play through the gateway, and for those that Alexa plays itself.</summary>
internal static class SourceFeed
{
    /// <summary>The gateway plays: an Echo's or phone's link takes a stream (T4), the rest need none.</summary>
    public static void ThroughGateway(Draft draft)
    {
        var source = draft.Context.Request.Source;
        draft.Source = source?.ToString();
        switch (source)
        {
            case null:
                draft.Ask("L6", null, "What should be played? Give a source: " + draft.Context.Abilities.SourceForms + ".");
                return;
            case { Kind: SourceKind.Alexa }:
                draft.Block("G7", [], "What Alexa plays stays on Echos and their Wi-Fi groups; it reaches the gateway only over an Echo's Bluetooth link.", EchoRemedy(draft));
                return;
            case { Kind: SourceKind.Echo }:
                FromEcho(draft, source);
                return;
            case { Kind: SourceKind.Phone } when draft.Context.SpeakerAt(source.Argument) is { } speaker && (draft.Context.Phone(source.Argument) is null || draft.Context.MemberSet.Contains(speaker.Id)):
                draft.Block("L8", [speaker.Id], $"{speaker.Name} is {(draft.Context.MemberSet.Contains(speaker.Id) ? "a member of the group" : "a speaker")}: it plays sound and sends none, so it cannot be the source.",
                    "Give the address of the phone, or another source.");
                return;
            case { Kind: SourceKind.Phone }:
                if (draft.Context.House.Observed.Phones is not null && draft.Context.Phone(source.Argument) is not { PairedOn.Count: > 0 } and not { PlaysOn: not null })
                {
                    draft.Block("L3", [], $"The phone {source.Argument} is not paired with this gateway, so it cannot play to it.", "Pair it: tutti pair --open, or switch Pairing mode on; then choose the gateway in the phone's Bluetooth settings.");
                }

                draft.Receives = source.Argument;
                return;
        }

        if (Myths.IsDlna(source)) draft.Block("G7", [], Myths.Dlna, $"Choose another source: {draft.Context.Abilities.SourceForms}.");
    }

    /// <summary>Alexa plays by itself: no source, or <c>alexa</c>.</summary>
    public static void ByAlexa(Draft draft, string what)
    {
        var source = draft.Context.Request.Source;
        draft.Source = "alexa";
        if (source is null or { Kind: SourceKind.Alexa }) return;
        draft.Source = source.ToString();
        draft.Block("G7", [], $"{what} plays only what Alexa itself plays; {Names.Cut(source.ToString())} cannot be sent to it.", "Leave the source out, or set it to alexa.");
    }

    private static void FromEcho(Draft draft, SourceRef source)
    {
        var context = draft.Context;
        if (context.Echo(source.Argument) is not { } echo)
        {
            draft.Block("L6", [], $"There is no Echo \"{Names.Cut(source.Argument ?? "")}\" to take the sound from.", "Name one of the configured Echos as the source.");
            return;
        }

        if (context.MemberSet.Contains(echo.Id))
        {
            var remedy = Others(draft, echo);
            draft.Block("L8", [echo.Id], $"{echo.Name} feeds the group by Bluetooth and so is silent itself; it cannot also be a member of it.", remedy);
            draft.Block("L1", [echo.Id], $"{echo.Name} would need two links, one to play to us and one to receive; an Echo holds one. {Myths.FirmwareAddsRadio}", remedy);
            return;
        }

        if (echo.Online is { IsKnown: true, Value: false })
        {
            draft.Block("L3", [echo.Id], $"{echo.Name} is offline, so it cannot play to us.", $"Bring {echo.Name} online, or use another source.");
            return;
        }

        if (!echo.Online.IsKnown) draft.Ask("L3", echo.Id, "Are these Echos switched on and online: {0}?");
        EchoLinks.RequirePairing(draft, echo, "play to it");
        draft.Receives = echo.Id;
        EchoLinks.WarnSilenced(draft, echo);
        if (context.AdapterOf(echo, LinkRole.PlaysTo) < 0) EchoLinks.Replace(draft, echo, "to play to us");
    }

    private static string EchoRemedy(Draft draft)
    {
        var echo = draft.Context.Echoes.FirstOrDefault(e => !draft.Context.MemberSet.Contains(e.Id) && e.Online.Or(true));
        return echo is null
            ? "Use a phone or a file as the source, or an Echo that is not a member."
            : $"Set the source to echo:{echo.Id}: {echo.Name} then plays to the gateway.";
    }

    private static string Others(Draft draft, EchoView echo)
    {
        var other = draft.Context.Echoes.FirstOrDefault(e => e.Id != echo.Id && !draft.Context.MemberSet.Contains(e.Id) && e.Online.Or(true));
        var instead = other is null ? "use another source (a phone or a file)" : $"use echo:{other.Id} ({other.Name}) as the source";
        var wired = !draft.Context.Abilities.Has(Feature.LineIn) || TransmitterFeed.Has(echo.StatedOutputs, echo.Match, AudioOutput.LineOut) == Tristate.No ? "" : $", or wire {echo.Name}'s line-out to the gateway and use line-in";
        return $"Take {echo.Name} out of the group, or {instead}{wired}.";
    }
}
