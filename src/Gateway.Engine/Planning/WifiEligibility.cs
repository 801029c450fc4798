namespace Gateway.Engine;

/// <summary>Who may play together over Wi-Fi (G1-G3, L5).</summary>
internal static class WifiEligibility
{
    /// <summary>G1: Echos, and speakers that Alexa accepts into groups.</summary>
    public static void CheckKind(Draft draft, IReadOnlyList<string> members)
    {
        var context = draft.Context;
        var never = new List<string>();
        foreach (var id in members)
        {
            var group = context.Echo(id)?.AlexaGroup ?? context.Speaker(id)?.AlexaGroup ?? Tristate.No;
            if (group == Tristate.No) never.Add(id);
            if (group == Tristate.Unknown) draft.Ask("G1", id, "Can these join Alexa groups: {0}? Add them to Alexa in the maker's app, then check again.");
        }

        if (never.Count == 0) return;
        var names = context.NamesOf(never);
        var why = never.Exists(id => context.Echo(id) is null) ? "Alexa takes only Echos, and speakers that it knows itself; a Bluetooth link is not enough" : "they may not join groups";
        var text = $"{names} cannot be in a Wi-Fi group: {why}.";
        // Neither the members nor the sound fit: nothing would be left of what was asked for.
        if (never.Count == members.Count || !draft.IsFeasible) draft.BlockForGood("G1", never, text, "Play them by fan-out instead.");
        else draft.Block("G1", never, text, $"Leave {names} out, or set alexa_group: yes where the maker's app has added them to Alexa.");
    }

    /// <summary>G2.</summary>
    public static void CheckSize(Draft draft, IReadOnlyList<string> members)
    {
        if (members.Count <= draft.Context.Limits.MaxWifiGroupMembers) return;
        draft.Block("G2", members, $"A Wi-Fi group has at most {draft.Context.Limits.MaxWifiGroupMembers} members, and this one would have {members.Count}.", "Take some members out, or make two groups.");
    }

    /// <summary>G3: online, firmware, one account, one network. L5: no Bluetooth link beside it.</summary>
    public static void CheckEchoes(Draft draft, IReadOnlyList<string> members, string purpose)
    {
        var echoes = members.Select(draft.Context.Echo).OfType<EchoView>().ToArray();
        foreach (var echo in echoes)
        {
            Online(draft, echo);
            FirmwareOf(draft, echo);
            EchoLinks.Clear(draft, echo, onlyPlaying: false, purpose);
        }

        if (members.Count < 2) return;
        Same(draft, echoes, e => e.Account, "Amazon account");
        Same(draft, echoes, e => e.Network, "Wi-Fi network");
    }

    /// <summary>One Echo plays by itself: no group is needed, and a link that it receives from does not silence it.</summary>
    public static void CheckAlone(Draft draft, EchoView echo)
    {
        Online(draft, echo);
        EchoLinks.Clear(draft, echo, onlyPlaying: true, "to play itself");
    }

    private static void Online(Draft draft, EchoView echo)
    {
        if (!echo.Online.IsKnown) draft.Ask("G3", echo.Id, "Are these Echos switched on and online: {0}?");
        else if (!echo.Online.Value) draft.Block("G3", [echo.Id], $"{echo.Name} is offline, so Alexa cannot play on it.", $"Bring {echo.Name} online.");
    }

    private static void FirmwareOf(Draft draft, EchoView echo)
    {
        var minimum = draft.Context.Limits.MinFirmware;
        var verdict = Firmware.IsAtLeast(echo.Firmware.IsKnown ? echo.Firmware.Value : null, minimum);
        if (verdict is null) draft.Ask("G3", echo.Id, $"Is the firmware of these at least {Names.Cut(minimum)}: {{0}}?");
        if (verdict is not false) return;
        draft.Block("G3", [echo.Id], $"{echo.Name} has firmware {Names.Cut(echo.Firmware.Value)}, and Wi-Fi groups need {Names.Cut(minimum)}.",
            $"Leave {echo.Name} switched on and idle over night, so that it updates itself.");
    }

    private static void Same(Draft draft, EchoView[] echoes, Func<EchoView, string?> fact, string what)
    {
        string? first = null;
        var differ = false;
        foreach (var echo in echoes)
        {
            if (fact(echo) is not { } value) draft.Ask("G3", echo.Id, $"Which {what} do these use: {{0}}? All members need the same.");
            else if (first is null) first = value;
            else differ |= !value.Equals(first, StringComparison.Ordinal);
        }

        if (!differ) return;
        draft.Block("G3", [.. echoes.Select(e => e.Id)], $"{Names.Join([.. echoes.Select(e => e.Name)])} are not all on the same {what}.", $"Bring them all to the same {what}.");
    }
}
