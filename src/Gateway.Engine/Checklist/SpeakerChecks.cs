namespace Gateway.Engine;

internal static class SpeakerChecks
{
    // From so many drop-outs an hour on the radio is taken to be crowded.
    private const int ManyDropouts = 3;

    public static IEnumerable<CheckItem> Of(PlanContext context, SpeakerView speaker, CheckFacts facts)
    {
        if (speaker.Model is { IdlePowerOffMinutes: { } minutes } model) yield return KeepAwake(speaker, model, minutes, facts);
        yield return Upgrade(speaker);
        yield return speaker.Sink is { } sink ? Output(speaker, Names.Cut(sink)) : Codec(speaker, facts);
        if (context.PlayingTo(speaker.Id) is [var holder, ..])
            yield return Item(speaker, "L5", "Bluetooth link", CheckResult.Warn, $"{holder.Name} holds its link.", $"A plan that needs it cuts that link and says so; or disconnect {holder.Name}.");
        if (facts.Dropouts.TryGetValue(speaker.Id, out var count)) yield return Radio(speaker, count);
    }

    private static CheckItem KeepAwake(SpeakerView speaker, SpeakerModel model, double minutes, CheckFacts facts) =>
        !facts.KeepAwake.TryGetValue(speaker.Id, out var on)
            ? Item(speaker, model.Rule, "Idle power-off", CheckResult.Unknown, $"It switches off after {minutes:0.#} idle minutes; whether it is kept awake is not known.", "Switch Keep awake on.")
            : on ? Item(speaker, model.Rule, "Idle power-off", CheckResult.Pass, $"It switches off after {minutes:0.#} idle minutes, and is kept awake.", "")
            : Item(speaker, model.Rule, "Idle power-off", CheckResult.Warn, $"It switches off after {minutes:0.#} idle minutes.", "Switch Keep awake on.");

    private static CheckItem Upgrade(SpeakerView speaker) => speaker.AlexaGroup switch
    {
        Tristate.Yes => Item(speaker, "G1", "Alexa group", CheckResult.Pass, "Alexa accepts it into Wi-Fi groups.", ""),
        Tristate.Unknown => Item(speaker, "G1", "Alexa group", CheckResult.Unknown, "It may be able to join Alexa's Wi-Fi groups.", "Add it to Alexa in the maker's app, then check again."),
        _ => Item(speaker, "G1", "Alexa group", CheckResult.Pass, $"It is {(speaker.NeedsRadio ? "a Bluetooth speaker" : "an output of the sound server")}, and plays by fan-out.", ""),
    };

    private static CheckItem Output(SpeakerView speaker, string sink) => speaker.Reachable switch
    {
        { IsKnown: false } => Item(speaker, "sink", "Output", CheckResult.Unknown, $"Whether the sound server has its output {sink} is not known.", "Compare it with pactl list short sinks."),
        { Value: true } => Item(speaker, "sink", "Output", CheckResult.Pass, $"The sound server has its output {sink}.", ""),
        _ => Item(speaker, "sink", "Output", CheckResult.Fail, $"The sound server has no output {sink}.", "Switch it on, or correct its sink: (pactl list short sinks)."),
    };

    private static CheckItem Codec(SpeakerView speaker, CheckFacts facts)
    {
        if (!facts.Codecs.TryGetValue(speaker.Id, out var codec)) return Item(speaker, "S5", "Codec", CheckResult.Unknown, "No codec is negotiated now.", "Connect it.");
        return speaker.Model is { PlainestCodecFirst: true } && !codec.StartsWith("SBC", StringComparison.OrdinalIgnoreCase)
            ? Item(speaker, "S5", "Codec", CheckResult.Warn, $"It uses {Names.Cut(codec)}, and its handshake is known to fail with anything but the plainest.", "Offer SBC only.")
            : Item(speaker, "S5", "Codec", CheckResult.Pass, $"It uses {Names.Cut(codec)}.", "");
    }

    private static CheckItem Radio(SpeakerView speaker, int dropouts) => dropouts >= ManyDropouts
        ? Item(speaker, "G3", "Radio", CheckResult.Warn, $"It dropped out {dropouts} times in the last hour.", "Move Wi-Fi devices near it to 5 GHz, or the adapter nearer to it.")
        : Item(speaker, "G3", "Radio", CheckResult.Pass, "It holds its link.", "");

    private static CheckItem Item(SpeakerView speaker, string rule, string title, CheckResult result, string text, string remedy) => new(speaker.Id, rule, title, result, text, remedy);
}
