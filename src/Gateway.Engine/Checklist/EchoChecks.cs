namespace Gateway.Engine;

internal static class EchoChecks
{
    public static IReadOnlyList<CheckItem> Of(PlanContext context, EchoView echo) =>
        [FirmwareOf(context, echo), Account(context, echo), Network(context, echo), Link(context, echo), Output(context, echo), Group(echo), Band(echo)];

    private static CheckItem FirmwareOf(PlanContext context, EchoView echo)
    {
        var minimum = context.Limits.MinFirmware;
        var version = echo.Firmware.IsKnown ? Names.Cut(echo.Firmware.Value) : null;
        return Firmware.IsAtLeast(version, minimum) switch
        {
            true => Item(echo, "G3", "Firmware", CheckResult.Pass, $"Firmware {version} is at least {minimum}.", ""),
            false => Item(echo, "G3", "Firmware", CheckResult.Fail, $"Firmware {version} is below {minimum}, which Wi-Fi groups need.", "Leave it switched on and idle over night, so that it updates itself."),
            null when version is null => Item(echo, "G3", "Firmware", CheckResult.Unknown, "The firmware is not known.", "Look it up in the Alexa app under About."),
            null => Item(echo, "G3", "Firmware", CheckResult.Unknown, $"Firmware {version} is numbered in another scheme than {minimum}.", "Look in the Alexa app whether an update waits."),
        };
    }

    private static CheckItem Account(PlanContext context, EchoView echo) => Same(context, echo, "Account", "Amazon account", e => e.Account);

    private static CheckItem Network(PlanContext context, EchoView echo) => Same(context, echo, "Network", "Wi-Fi network", e => e.Network);

    private static CheckItem Same(PlanContext context, EchoView echo, string title, string what, Func<EchoView, string?> fact)
    {
        if (fact(echo) is not { } own) return Item(echo, "G3", title, CheckResult.Unknown, $"The {what} is not known.", $"State it in the configuration; Wi-Fi groups need one {what}.");
        var others = context.Echoes.Where(e => fact(e) is { } value && !value.Equals(own, StringComparison.Ordinal)).Select(e => e.Name).ToArray();
        return others.Length == 0
            ? Item(echo, "G3", title, CheckResult.Pass, $"No other Echo is on another {what}.", "")
            : Item(echo, "G3", title, CheckResult.Warn, $"{Names.Join(others)} {(others.Length == 1 ? "is" : "are")} on another {what}, so no Wi-Fi group can have both.", $"Bring them to the same {what}.");
    }

    private static CheckItem Link(PlanContext context, EchoView echo)
    {
        if (!echo.Link.IsKnown) return Item(echo, "L5", "Bluetooth link", CheckResult.Unknown, "Whether it has a Bluetooth link is not known.", "Look in the Alexa app.");
        if (PlanContext.Link(echo) is not { } link) return Item(echo, "L5", "Bluetooth link", CheckResult.Pass, "No Bluetooth link is in the way.", "");
        var peer = context.Name(context.PeerId(link));
        return link.Role == LinkRole.PlaysTo
            ? Item(echo, "L5", "Bluetooth link", CheckResult.Warn, $"It plays to {peer}, so its line-out, its optical output and its Wi-Fi groups are silent.", $"Disconnect {peer} to use those.")
            : Item(echo, "L5", "Bluetooth link", CheckResult.Warn, $"It receives from {peer}; playing in a Wi-Fi group may drop that link.", $"Disconnect it from {peer} before it is to play in a Wi-Fi group.");
    }

    private static CheckItem Output(PlanContext context, EchoView echo)
    {
        var fed = context.House.Configured.Transmitters.FirstOrDefault(t => t.FedBy == echo.Id);
        if (fed is null) return Item(echo, "T2", "Audio output", CheckResult.Pass, "It feeds no transmitter, so any audio output will do.", "");
        var wanted = TransmitterFeed.OutputOf(context.House, fed);
        var word = wanted == AudioOutput.Optical ? "optical" : "line-out";
        var name = Names.Cut(fed.Name);
        if (TransmitterFeed.Has(echo.StatedOutputs, echo.Match, wanted) == Tristate.No)
            return Item(echo, "T2", "Audio output", CheckResult.Fail, $"It is to feed {name}, and has no {word} output.", "Feed the transmitter from another Echo.");
        if (!echo.AudioOutput.IsKnown) return Item(echo, "T2", "Audio output", CheckResult.Unknown, $"Whether {word} is selected for {name} is not known.", $"Choose {word} in its audio settings.");
        return echo.AudioOutput.Value == wanted
            ? Item(echo, "T2", "Audio output", CheckResult.Pass, $"{word} is selected, as {name} needs it.", "")
            : Item(echo, "T2", "Audio output", CheckResult.Fail, $"{name} needs {word}, and another output is selected.", $"Choose {word} in its audio settings.");
    }

    private static CheckItem Group(EchoView echo) => echo.AlexaGroup switch
    {
        Tristate.No => Item(echo, "G1", "Wi-Fi groups", CheckResult.Warn, "It may not join Wi-Fi groups.", "Use it by Bluetooth (fan-out)."),
        _ => Item(echo, "G1", "Wi-Fi groups", CheckResult.Pass, "It may join Wi-Fi groups.", ""),
    };

    private static CheckItem Band(EchoView echo) =>
        Item(echo, "G3", "Wi-Fi band", CheckResult.Unknown, "The Wi-Fi band is not known; 5 GHz keeps the band that Bluetooth needs free.", "If speakers near it drop out, move it to 5 GHz.");

    private static CheckItem Item(EchoView echo, string rule, string title, CheckResult result, string text, string remedy) => new(echo.Id, rule, title, result, text, remedy);
}
