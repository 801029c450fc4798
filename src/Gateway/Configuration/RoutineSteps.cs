using System.Globalization;
using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>
/// The steps of a routine. A step is one action (<c>state, source, volume, connect, disconnect, announce, wait</c>) and, where the action needs it, what it
/// acts on (<c>group, speaker, echo</c>).
/// </summary>
/// <param name="wired">The ids of speakers that are outputs of the sound server: they have no link.</param>
internal sealed class RoutineSteps(Problems problems, NameBook names, IReadOnlySet<string> wired)
{
    private const double MaxWaitS = 3600;

    private static readonly string[] s_actions = ["state", "source", "volume", "connect", "disconnect", "announce", "wait"];
    private static readonly (string Key, DeviceKind Kind, RoutineTarget Target)[] s_targets =
        [("group", DeviceKind.Group, RoutineTarget.Group), ("speaker", DeviceKind.Speaker, RoutineTarget.Speaker), ("echo", DeviceKind.Echo, RoutineTarget.Echo)];

    public IReadOnlyList<RoutineStep> Read(MapReader routine)
    {
        var blocks = routine.Blocks("steps", "a step", SettingKeys.Step);
        if (blocks.Count == 0 && routine.Find("steps") is null or YamlScalar { IsNull: true } or YamlList { Items.Count: 0 })
        {
            problems.Warn(routine.Place("steps"), "The routine has no steps: it does nothing.", "List what it shall do as steps:.");
        }

        return [.. blocks.Select(Step).OfType<RoutineStep>()];
    }

    private RoutineStep? Step(MapReader block)
    {
        if (block.At is not YamlMap) return null;
        var actions = s_actions.Where(block.Has).ToList();
        if (actions.Count != 1)
        {
            problems.Add(block.At, actions.Count == 0 ? "The step has no action." : $"The step has {actions.Count} actions: {string.Join(", ", actions)}.", $"Write one of {string.Join(", ", s_actions)} in each step.");
            return null;
        }

        var action = actions[0];
        if (action != "connect") Refuse(block, action, "to");
        return action switch
        {
            "state" => block.Flag("state") is { } on ? On(block, action, on ? RoutineAction.GroupOn : RoutineAction.GroupOff, null, "group") : null,
            "source" => SourceSetting.Read(block, "source", names) is { } source ? On(block, action, RoutineAction.Source, source.ToString(), "group") : null,
            "volume" => block.Integer("volume", 0, 100) is { } volume ? On(block, action, RoutineAction.Volume, Text(volume), "group", "speaker", "echo") : null,
            "announce" => Announcement(block) is { } sound ? On(block, action, RoutineAction.Announce, sound, "group") : null,
            "wait" => Wait(block),
            _ => Link(block, action),
        };
    }

    private RoutineStep? Wait(MapReader block)
    {
        Refuse(block, "wait", "group", "speaker", "echo");
        return block.Number("wait", 0, MaxWaitS) is { } seconds ? new RoutineStep(RoutineAction.Wait, null, Text(seconds)) : null;
    }

    /// <summary>A speaker is linked to us; an Echo to the speaker (or to us) that <c>to</c> names.</summary>
    private RoutineStep? Link(MapReader block, string action)
    {
        Refuse(block, action, "group", "speaker", "echo");
        if (References.ResolveOne(block, action, names, DeviceKind.Speaker, DeviceKind.Echo) is not { } device) return null;
        if (device.Kind == DeviceKind.Speaker) RefuseWired(block.Place(action), device.Id);
        var target = device.Kind == DeviceKind.Echo ? RoutineTarget.Echo : RoutineTarget.Speaker;
        if (action == "disconnect") return new RoutineStep(RoutineAction.Disconnect, device.Id, null) { TargetKind = target };
        if (target == RoutineTarget.Speaker)
        {
            Refuse(block, "connect of a speaker", "to");
            return new RoutineStep(RoutineAction.Connect, device.Id, null) { TargetKind = target };
        }

        if (block.Scalar("to") is not { } to)
        {
            if (!block.Has("to")) problems.Add(block.At, $"It is not said what the Echo {device.Id} shall be connected to.", "Add to: with a speaker, or to: gateway.");
            return null;
        }

        var peer = Engine.Text.NameFolding.Same(to.Text, DeviceSections.GatewayWord)
            ? DeviceSections.GatewayWord
            : References.Resolve(to, to.Text, problems, names, DeviceKind.Speaker)?.Id;
        if (peer is not null) RefuseWired(to, peer);
        return peer is null ? null : new RoutineStep(RoutineAction.Connect, device.Id, peer) { TargetKind = target };
    }

    private void RefuseWired(YamlValue place, string speaker)
    {
        if (wired.Contains(speaker)) problems.Add(place, $"The speaker {speaker} is an output of the sound server: there is no link to make or end.", "Remove the step; switch its group on or off instead.");
    }

    private string? Announcement(MapReader block)
    {
        if (block.Text("announce", max: 1000) is not { } text) return null;
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        if (isUrl || text.Contains('/', StringComparison.Ordinal) || Path.HasExtension(text) && !text.Contains(' ', StringComparison.Ordinal)) return SimpleSections.Built(Feature.Announcements, block, "announce", text);
        problems.Add(block.Place("announce"), $"{((YamlScalar)block.Place("announce")).Shown} is neither a URL nor a file.", "Give the sound to play, such as chime.wav or http://host/chime.mp3; text is not spoken here.");
        return null;
    }

    private RoutineStep? On(MapReader block, string action, RoutineAction kind, string? value, params ReadOnlySpan<string> allowed)
    {
        NameBook.Entry? entry = null;
        RoutineTarget? target = null;
        var given = 0;
        foreach (var (key, device, meaning) in s_targets)
        {
            if (!block.Has(key)) continue;
            if (!allowed.Contains(key))
            {
                Refuse(block, action, key);
                continue;
            }

            given++;
            target = meaning;
            entry = References.ResolveOne(block, key, names, device);
        }

        if (given != 1) problems.Add(block.At, given == 0 ? $"It is not said what {action} acts on." : $"The step acts on {given} things.", $"Add one {string.Join(" or ", allowed.ToArray())}:.");
        return entry is null || given != 1 ? null : new RoutineStep(kind, entry.Id, value) { TargetKind = target };
    }

    private void Refuse(MapReader block, string action, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (block.Has(key)) problems.Add(block.Place(key), $"{key} does not go with {action}.", "Remove it, or make it a step of its own.");
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
