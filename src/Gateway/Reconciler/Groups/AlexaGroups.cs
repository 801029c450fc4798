using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>
/// Groups that Alexa plays by itself (G7): Wi-Fi groups, stereo pairs, transmitters on an Echo's socket. The gateway prepares them; their sound does not
/// pass through it, and what nobody reports it does not claim. Reads only.
/// </summary>
internal sealed class AlexaGroups(HouseView view)
{
    /// <summary>A transmitter that the gateway would feed is refused by the plan (<see cref="Feature.TransmitterFeed"/>).</summary>
    public static bool Plays(Plan plan) => plan.Route is Route.WifiGroup or Route.StereoPair or Route.Transmitter || (plan.Route == Route.Mixed && plan.Source == "alexa");

    /// <summary>Known only where the account says that all of them play in the group of exactly these.</summary>
    public bool IsPlaying(GroupRun run) =>
        AccountsGroupOf(run) is { } group && run.Group.Members.All(m => view.DeviceOfEcho(m) is { } device && device.WifiGroup.Or(null) == group.Id);

    private EchoWifiGroup? AccountsGroupOf(GroupRun run)
    {
        var serials = run.Group.Members.Select(view.Registry.SerialOf).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return serials.Count < run.Group.Members.Count ? null : view.Echo.WifiGroups?.FirstOrDefault(g => serials.SetEquals(g.Members));
    }

    /// <summary>The Echos that play: the members, and those on whose sockets the members' transmitters hang.</summary>
    private List<string> Echoes(GroupRun run) =>
    [
        .. run.Group.Members.Where(m => view.Registry.Effective.Echoes.Any(e => e.Id == m))
            .Concat(view.Registry.Effective.Transmitters.Where(t => t.Speakers.Any(run.Group.Members.Contains)).Select(t => t.FedBy).OfType<string>()).Distinct(),
    ];

    /// <summary>Whom to speak to: the account's group by its name, else the Echos.</summary>
    public string NamesOf(GroupRun run) => AccountsGroupOf(run)?.Name ?? string.Join(", ", Echoes(run).Select(view.NameOf));

    /// <summary>Nothing of it can be brought about or seen: to switch it on would be a promise about nothing.</summary>
    public ProblemDocument? OutOfReach(GroupRun run, Plan plan)
    {
        if (!Plays(plan) || Echoes(run) is not { Count: > 0 } echoes || echoes.Any(e => view.DeviceOfEcho(e) is not null)) return null;
        var names = string.Join(", ", echoes.Select(view.NameOf));
        return new ProblemDocument(
            $"{run.Group.Name} is Alexa's to play, and only Alexa knows whether it does: no control path leads to {names}, so the gateway can neither start that sound nor stop or see it.", ["G7"],
            $"Say \"Alexa, play …\" to {names}; it needs no switch here.");
    }

    public ProblemDocument? ProblemOf(GroupRun run, Plan plan)
    {
        var unseen = plan.Steps.Where(s => run.Unseen.Contains(GroupRun.KeyOf(s))).Select(s => $"{view.NameOf(s.Device)} was told to prepare for it, and does not report that it did.").Distinct().ToList();
        if (run.Missing.Count > 0) unseen.Insert(0, $"{string.Join(", ", run.Missing.Select(view.NameOf))} cannot be reached.");
        if (IsPlaying(run)) return unseen.Count == 0 ? null : new ProblemDocument(string.Join(" ", unseen), [], "Look in the Alexa app.");
        return new ProblemDocument(
            string.Join(" ", unseen.Prepend($"Whether Alexa plays on {run.Group.Name} only Alexa knows: that sound does not pass through the gateway, and nobody reports it.")), ["G7"],
            $"Say \"Alexa, play …\" to {NamesOf(run)}.");
    }
}
