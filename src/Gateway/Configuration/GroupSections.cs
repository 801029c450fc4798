using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary><c>groups</c> and <c>routines</c>; the devices are in the book of names by now.</summary>
internal sealed class GroupSections(MapReader root, Problems problems, IdAssigner ids, NameBook names)
{
    private static readonly (string, Route)[] s_routes = [.. Enum.GetValues<Route>().Where(r => r != Route.Infeasible).Select(r => (RouteNames.Of(r), r))];

    public IReadOnlyList<ConfiguredGroup> Groups() =>
        [.. Named(DeviceKind.Group, root.Blocks("groups", "a group", SettingKeys.Group), "Downstairs").Select(g => Group(g.Block, g.Name, g.Id))];

    /// <param name="wired">The ids of speakers that are outputs of the sound server.</param>
    public IReadOnlyList<ConfiguredRoutine> Routines(IReadOnlySet<string> wired)
    {
        var steps = new RoutineSteps(problems, names, wired);
        return [.. Named(DeviceKind.Routine, root.Blocks("routines", "a routine", SettingKeys.Routine), "Good morning")
            .Select(r => new ConfiguredRoutine { Id = r.Id, Name = r.Name, Steps = steps.Read(r.Block) })];
    }

    private ConfiguredGroup Group(MapReader block, string name, string id)
    {
        var members = Members(block);
        var source = SourceSetting.Read(block, "source", names);
        if (source is { Kind: SourceKind.Echo, Argument: { } echo } && members.Contains(echo) && names.Find(echo, DeviceKind.Echo).Entry is { } both)
        {
            problems.Warn(block.Place("source"), $"{both.Name} is the group's source and a member of it, and cannot be both: an Echo that plays to the gateway is silent itself.",
                $"Take {both.Name} out of members:, or choose another source.");
        }

        return new ConfiguredGroup { Id = id, Name = name, Members = members, Source = source, Route = RouteOf(block) };
    }

    private IReadOnlyList<string> Members(MapReader block)
    {
        var members = References.Resolve(block, "members", names, DeviceKind.Echo, DeviceKind.Speaker);
        if (block.At is YamlMap && block.Find("members") is null or YamlScalar { IsNull: true } or YamlList { Items.Count: 0 })
        {
            problems.Warn(block.Place("members"), "The group has no members: it cannot play.", "List Echos and speakers as members:.");
        }

        // Echos alone play what Alexa plays, and a transmitter what its Echo does.
        if (block.At is YamlMap && members.Any(m => names.IsSpeaker(m)) && block.Find("source") is null or YamlScalar { IsNull: true } && RouteWord(block) != RouteNames.Of(Route.Transmitter))
        {
            problems.Warn(block.At, "The group has no source: nothing plays on it before one is chosen.", "Write for example source: echo:Kitchen (an Echo that is no member), or choose one in Home Assistant.");
        }

        return members;
    }

    private static string? RouteWord(MapReader block) => (block.Find("route") as YamlScalar)?.Text.Trim().ToLowerInvariant();

    private static Route? RouteOf(MapReader block)
    {
        if (block.Scalar("route") is not { } scalar) return null;
        if (!scalar.Text.Trim().Equals("dlna", StringComparison.OrdinalIgnoreCase))
        {
            var route = block.ChoiceOf(scalar, s_routes);
            Feature? needed = route switch { Route.AirPlay => Feature.AirPlay, Route.Broadcast => Feature.Broadcast, _ => null };
            if (needed is { } feature) SimpleSections.Built(feature, block, "route", scalar.Text);
            return route;
        }

        block.Problems.Add(scalar, "DLNA is no route: Echos are no DLNA renderers, and it would play 250-400 ms late.", "Remove route:, or use fan-out for Bluetooth speakers.");
        return null;
    }

    private IReadOnlyList<(MapReader Block, string Name, string Id)> Named(DeviceKind kind, IReadOnlyList<MapReader> blocks, string example)
    {
        var candidates = new List<IdAssigner.Candidate>();
        foreach (var block in blocks)
        {
            if (block.Required("name", $"Give the {NameBook.Word(kind)} a name, such as name: {example}.") is { } name) candidates.Add(new IdAssigner.Candidate(block, name, null));
        }

        var given = ids.Assign(kind, candidates);
        for (var i = 0; i < candidates.Count; i++) names.Add(kind, given[i], candidates[i].Name);
        return [.. candidates.Select((c, i) => (c.Block, c.Name, given[i]))];
    }
}
