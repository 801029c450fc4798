using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.Reconciler;

/// <summary>
/// Groups that Alexa plays by itself (G7): Wi-Fi groups, stereo pairs, transmitters on an Echo's socket. The gateway prepares them; their sound does not
/// pass through it, and what nobody reports it does not claim.
/// </summary>
internal sealed partial class Reconciler
{
    /// <summary>A transmitter that the gateway would feed is refused by the plan (<see cref="Feature.TransmitterFeed"/>).</summary>
    private static bool PlaysByAlexa(Plan plan) => plan.Route is Route.WifiGroup or Route.StereoPair or Route.Transmitter || (plan.Route == Route.Mixed && plan.Source == "alexa");

    /// <summary>Known only where the account says that all of them play in the group of exactly these.</summary>
    private bool IsPlayedByAlexa(GroupRun run) =>
        AlexaGroupOf(run) is { } group && run.Group.Members.All(m => DeviceOfEcho(m) is { } device && device.WifiGroup.Or(null) == group.Id);

    private EchoWifiGroup? AlexaGroupOf(GroupRun run)
    {
        var serials = run.Group.Members.Select(_registry.SerialOf).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return serials.Count < run.Group.Members.Count ? null : _echo.WifiGroups?.FirstOrDefault(g => serials.SetEquals(g.Members));
    }

    /// <summary>The Echos that play: the members, and those on whose sockets the members' transmitters hang.</summary>
    private List<string> AlexaEchoes(GroupRun run) =>
    [
        .. run.Group.Members.Where(m => _registry.Effective.Echoes.Any(e => e.Id == m))
            .Concat(_registry.Effective.Transmitters.Where(t => t.Speakers.Any(run.Group.Members.Contains)).Select(t => t.FedBy).OfType<string>()).Distinct(),
    ];

    /// <summary>Whom to speak to: the account's group by its name, else the Echos.</summary>
    private string AlexaNames(GroupRun run) => AlexaGroupOf(run)?.Name ?? string.Join(", ", AlexaEchoes(run).Select(NameOf));

    /// <summary>Nothing of it can be brought about or seen: to switch it on would be a promise about nothing.</summary>
    private ProblemDocument? OutOfReach(GroupRun run, Plan plan)
    {
        if (!PlaysByAlexa(plan) || AlexaEchoes(run) is not { Count: > 0 } echoes || echoes.Any(e => DeviceOfEcho(e) is not null)) return null;
        var names = string.Join(", ", echoes.Select(NameOf));
        return new ProblemDocument(
            $"{run.Group.Name} is Alexa's to play, and only Alexa knows whether it does: no control path leads to {names}, so the gateway can neither start that sound nor stop or see it.", ["G7"],
            $"Say \"Alexa, play …\" to {names}; it needs no switch here.");
    }

    private ProblemDocument? AlexaProblem(GroupRun run, Plan plan)
    {
        var unseen = plan.Steps.Where(s => run.Unseen.Contains(KeyOf(s))).Select(s => $"{NameOf(s.Device)} was told to prepare for it, and does not report that it did.").Distinct().ToList();
        if (run.Missing.Count > 0) unseen.Insert(0, $"{string.Join(", ", run.Missing.Select(NameOf))} cannot be reached.");
        if (IsPlayedByAlexa(run)) return unseen.Count == 0 ? null : new ProblemDocument(string.Join(" ", unseen), [], "Look in the Alexa app.");
        return new ProblemDocument(
            string.Join(" ", unseen.Prepend($"Whether Alexa plays on {run.Group.Name} only Alexa knows: that sound does not pass through the gateway, and nobody reports it.")), ["G7"],
            $"Say \"Alexa, play …\" to {AlexaNames(run)}.");
    }

    private void RefuseWhereAlexaPlays(GroupRun run)
    {
        if (_desired.Group(run.Group.Id).Active && run.Plan is { } plan && PlaysByAlexa(plan))
            throw new RefusedException($"{run.Group.Name} is played by Alexa, and its sound does not pass through the gateway: it cannot be muted here. Say \"Alexa, mute\" to {AlexaNames(run)}.", "G7");
    }
}
