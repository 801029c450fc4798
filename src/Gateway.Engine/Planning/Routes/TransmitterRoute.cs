namespace Gateway.Engine;

/// <summary>A hardware box feeds its own speakers (T1-T3); an Echo's socket or this machine feeds the box.</summary>
internal static class TransmitterRoute
{
    public static Draft Build(PlanContext context, ConfiguredTransmitter transmitter)
    {
        var draft = new Draft(context, Route.Transmitter) { Class = ClassOf(context, transmitter) };
        Slots(draft, transmitter, context.Members);
        if (PlaysByItself(context, transmitter)) SourceByFeeder(draft, transmitter);
        else SourceFeed.ThroughGateway(draft);
        AddLeg(draft, transmitter, throughGateway: !PlaysByItself(context, transmitter));
        AdapterPlacement.Apply(draft);
        return draft;
    }

    /// <summary>The refusal where not even a transmitter is declared.</summary>
    public static Draft BuildNone(PlanContext context)
    {
        var draft = new Draft(context, Route.Transmitter);
        draft.Block("T3", context.Members, "No transmitter is declared.", "Declare one with its speakers under transmitters: in the configuration.");
        return draft;
    }

    /// <summary>Brings the transmitter into play for its own speakers.</summary>
    /// <param name="throughGateway">The sound comes from us; else the Echo that feeds it plays by itself.</param>
    public static void AddLeg(Draft draft, ConfiguredTransmitter transmitter, bool throughGateway)
    {
        var name = Names.Cut(transmitter.Name);
        if (throughGateway && draft.Context.Abilities.WhyNot(Feature.TransmitterFeed) is { } notYet) draft.Block("version", [transmitter.Id], notYet, $"Let an Echo feed {name} from its socket, and choose alexa as the source, or play these speakers by fan-out.");
        Feeder(draft, transmitter, name, throughGateway);
        foreach (var id in transmitter.Speakers)
        {
            if (draft.Context.Speaker(id) is not { } speaker) continue;
            // What we see of it says little: it may well be linked to the transmitter. So it is asked, never refused.
            if (!speaker.Reachable.Or(false)) draft.Ask("L3", id, "Are these switched on and in range: {0}?");
            SpeakerLinks.LetGo(draft, speaker, $"it is to hear the transmitter {name}");
        }

        JudgeSpread(draft, transmitter, name);
    }

    /// <summary>T1: does it pass? A measurement beats the catalogue.</summary>
    public static SyncClass? ClassOf(PlanContext context, ConfiguredTransmitter transmitter)
    {
        if (context.House.Observed.TransmitterSpreadMs.TryGetValue(transmitter.Id, out var spread) && double.IsFinite(spread))
        {
            return spread < context.Limits.TransmitterPassMs || spread < SyncLimits.TightMs ? SyncClass.Tight : SyncLimits.ClassOf(spread);
        }

        return CatalogueMatch.Transmitter(context.House.Catalogue, transmitter.Model, transmitter.Name) is { KnownGood: true } ? SyncClass.Tight : null;
    }

    private static void JudgeSpread(Draft draft, ConfiguredTransmitter transmitter, string name)
    {
        var verdict = ClassOf(draft.Context, transmitter);
        if (verdict is null) draft.Ask("T1", transmitter.Id, "How far apart do the speakers of these play: {0}? Measure it, by calibrating once.");
        if (verdict is null or SyncClass.Tight) return;
        draft.Warn("T1", [transmitter.Id, .. transmitter.Speakers], $"{name}'s speakers were measured {draft.Context.House.Observed.TransmitterSpreadMs[transmitter.Id]:0.#} ms apart, and {draft.Context.Limits.TransmitterPassMs:0.#} ms is the limit.",
            "Use speakers of the same model, or a transmitter known to be good.");
    }

    private static void Slots(Draft draft, ConfiguredTransmitter transmitter, IReadOnlyList<string> members)
    {
        var context = draft.Context;
        var name = Names.Cut(transmitter.Name);
        var foreign = members.Where(m => !transmitter.Speakers.Contains(m)).ToArray();
        var many = Math.Max(members.Count(context.IsBluetoothSpeaker), transmitter.Speakers.Distinct().Count());
        if (many > transmitter.Slots)
        {
            draft.Block("T1", members, $"{name} feeds at most {transmitter.Slots} speakers, not {many}.", "Take some members out, or add a second transmitter.");
        }

        Foreign(draft, name, foreign, hasRoom: transmitter.Speakers.Distinct().Count() + foreign.Count(context.IsBluetoothSpeaker) <= transmitter.Slots);
        var others = transmitter.Speakers.Where(s => !context.MemberSet.Contains(s)).Distinct().ToArray();
        if (others.Length > 0)
        {
            draft.Block("T3", others, $"{name} also feeds {context.NamesOf(others)}, which would sound too.", $"Add {context.NamesOf(others)} to the group, or take them out of {name}'s speakers:.");
        }
    }

    private static void Foreign(Draft draft, string name, string[] foreign, bool hasRoom)
    {
        var context = draft.Context;
        var speakers = foreign.Where(context.IsBluetoothSpeaker).ToArray();
        var others = foreign.Except(speakers).ToArray();
        var instead = others.Any(context.IsWired) ? "Play them by fan-out." : "Play them in a Wi-Fi group.";
        if (others.Length == context.Members.Count) draft.BlockForGood("T3", others, $"A transmitter feeds Bluetooth speakers, and {context.NamesOf(others)} {Are(others)} none.", instead);
        else if (others.Length > 0) draft.Block("T3", others, $"A transmitter feeds Bluetooth speakers, and {context.NamesOf(others)} {Are(others)} none.", $"Leave {context.NamesOf(others)} out.");
        if (speakers.Length == 0) return;
        draft.Block("T3", speakers, $"{context.NamesOf(speakers)} {Are(speakers)} not in a slot of {name}: its speakers are paired to it, and declared.",
            hasRoom ? $"Pair {context.NamesOf(speakers)} to {name} and list {It(speakers)} under its speakers:, or leave {It(speakers)} out." : $"Leave {context.NamesOf(speakers)} out, or add a second transmitter for {It(speakers)}.");
    }

    private static string It(string[] devices) => devices.Length == 1 ? "it" : "them";

    private static string Are(string[] devices) => devices.Length == 1 ? "is" : "are";

    /// <summary>An Echo's own music over its socket needs us for nothing; any other sound has to go through the gateway.</summary>
    private static bool PlaysByItself(PlanContext context, ConfiguredTransmitter transmitter) =>
        transmitter.FedBy != TransmitterFeed.Gateway && (context.Request.Source is null or { Kind: SourceKind.Alexa }
            || (context.Request.Source is { Kind: SourceKind.Echo } source && (transmitter.FedBy is null || source.Argument == transmitter.FedBy)));

    private static void SourceByFeeder(Draft draft, ConfiguredTransmitter transmitter)
    {
        draft.Source = draft.Context.Request.Source?.ToString();
        if (draft.Context.Request.Source is null) draft.Ask("T2", transmitter.Id, "What should be played on {0}?");
        if (draft.Context.Request.Source is { Kind: SourceKind.Echo } source && draft.Context.Echo(source.Argument) is null)
        {
            draft.Block("L6", [], $"There is no Echo \"{Names.Cut(source.Argument ?? "")}\" to take the sound from.", "Name one of the configured Echos as the source.");
        }
    }

    private static void Feeder(Draft draft, ConfiguredTransmitter transmitter, string name, bool throughGateway)
    {
        if (transmitter.FedBy == TransmitterFeed.Gateway) return;
        if (transmitter.FedBy is null)
        {
            draft.Ask("T2", transmitter.Id, $"What feeds these: {{0}}? An Echo with an output socket{OrThisMachine(draft)}.");
            var (candidate, socket) = WithSocket(draft).FirstOrDefault();
            var which = candidate is null ? "an output of an Echo" : $"{candidate.Name}'s {Word(socket)} (fed_by: {candidate.Id})";
            draft.AskUser(transmitter.Id, null, $"Connect {which}{OrThisMachine(draft)} to {name}, and say so under fed_by:.");
            return;
        }

        if (draft.Context.Echo(transmitter.FedBy) is { } echo) EchoFeeds(draft, transmitter, echo, name, throughGateway);
        else draft.Block("T2", [transmitter.Id], $"{name} is fed by \"{Names.Cut(transmitter.FedBy)}\", and there is no such Echo.", "Set fed_by: to an Echo of the configuration, or to gateway.");
    }

    private static void EchoFeeds(Draft draft, ConfiguredTransmitter transmitter, EchoView echo, string name, bool throughGateway)
    {
        if (draft.Context.MemberSet.Contains(echo.Id))
        {
            draft.Block("T2", [echo.Id], $"{echo.Name} feeds {name} by its socket and is silent itself, so it cannot also be a member.", $"Take {echo.Name} out of the group.");
        }

        var output = TransmitterFeed.OutputOf(draft.Context.House, transmitter);
        Socket(draft, echo, output, name);
        if (throughGateway)
        {
            if (draft.Receives == echo.Id)
            {
                draft.Block("L5", [echo.Id], $"{echo.Name} cannot play to us and feed {name}: its socket is silent while it plays by Bluetooth.", $"Use another source{OrThisMachine(draft)}.");
            }
            else if (!draft.Sends.Contains(echo.Id))
            {
                FanOutRoute.Receiver(draft, echo);
                draft.Sends.Add(echo.Id);
            }
        }
        else
        {
            Online(draft, echo, name);
            EchoLinks.Clear(draft, echo, onlyPlaying: true, $"for {name}: its socket is silent while it plays by Bluetooth");
        }

        SelectOutput(draft, transmitter, echo, output, name);
    }

    private static void Socket(Draft draft, EchoView echo, AudioOutput output, string name)
    {
        switch (TransmitterFeed.Has(echo.StatedOutputs, echo.Match, output))
        {
            case Tristate.No:
                var note = echo.StatedOutputs is null && echo.Match?.Note is { } guess ? $" ({guess})" : "";
                draft.Block("T2", [echo.Id], $"{echo.Name}{note} has no {Word(output)} that could feed {name}.",
                    $"{OtherSocket(draft, echo, output, name)}; if {echo.Name} has the socket, set outputs: for it.");
                break;
            case Tristate.Unknown:
                draft.Ask("T2", echo.Id, $"Have these a {Word(output)}: {{0}}? Set outputs: for them.");
                break;
        }
    }

    /// <summary>What could feed the transmitter instead, by name: another socket of this Echo, another Echo of the house.</summary>
    private static string OtherSocket(Draft draft, EchoView echo, AudioOutput output, string name)
    {
        var other = output == AudioOutput.Optical ? AudioOutput.LineOut : AudioOutput.Optical;
        if (TransmitterFeed.Has(echo.StatedOutputs, echo.Match, other) == Tristate.Yes) return $"Connect {echo.Name}'s {Word(other)} to {name} and set output: {Setting(other)} for it";
        foreach (var (candidate, socket) in WithSocket(draft))
        {
            if (candidate.Id != echo.Id) return $"Connect {candidate.Name}'s {Word(socket)} to {name}, and set fed_by: {candidate.Id} and output: {Setting(socket)} for it";
        }

        return $"Feed {name} from an Echo with an output socket{OrThisMachine(draft)}";
    }

    /// <summary>The Echos of the house that surely have an output socket and are free to feed a transmitter.</summary>
    private static IEnumerable<(EchoView Echo, AudioOutput Socket)> WithSocket(Draft draft)
    {
        foreach (var echo in draft.Context.Echoes)
        {
            if (draft.Context.MemberSet.Contains(echo.Id) || !echo.Online.Or(true)) continue;
            if (TransmitterFeed.Has(echo.StatedOutputs, echo.Match, AudioOutput.LineOut) == Tristate.Yes) yield return (echo, AudioOutput.LineOut);
            else if (TransmitterFeed.Has(echo.StatedOutputs, echo.Match, AudioOutput.Optical) == Tristate.Yes) yield return (echo, AudioOutput.Optical);
        }
    }

    private static string OrThisMachine(Draft draft) => draft.Context.Abilities.Has(Feature.TransmitterFeed) ? ", or an output of this machine (fed_by: gateway)" : "";

    private static string Setting(AudioOutput output) => output == AudioOutput.Optical ? "optical" : "line_out";

    private static void SelectOutput(Draft draft, ConfiguredTransmitter transmitter, EchoView echo, AudioOutput output, string name)
    {
        if (echo.AudioOutput is { IsKnown: true } now && now.Value == output) return;
        if (echo.AudioOutputSettable is { IsKnown: true, Value: false }) draft.AskUser(echo.Id, transmitter.Id, $"Choose {Word(output)} in {echo.Name}'s audio settings in the Alexa app, and connect it to {name}.");
        else draft.Prepare(new SetAudioOutputStep(echo.Id, transmitter.Id, $"{echo.Name} is to play out of its {Word(output)}, to {name}."));
    }

    private static void Online(Draft draft, EchoView echo, string name)
    {
        if (!echo.Online.IsKnown) draft.Ask("T2", echo.Id, "Are these Echos switched on and online: {0}?");
        else if (!echo.Online.Value) draft.Block("T2", [echo.Id], $"{echo.Name} is offline, so it cannot feed {name}.", $"Bring {echo.Name} online.");
    }

    private static string Word(AudioOutput output) => output == AudioOutput.Optical ? "optical output" : "line-out (3.5 mm output)";
}
