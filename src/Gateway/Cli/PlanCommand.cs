using System.CommandLine;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Cli;

/// <summary><c>tutti plan</c>: can these play together, how, and if not, why not. Touches nothing.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "The configuration that describes the house", HelpName = "FILE" };
        var house = new Option<string?>("--house") { Description = "What is observed of the house now; without it everything is unknown", HelpName = "FILE" };
        var group = new Option<string?>("--group") { Description = "The group to plan, by id or name", HelpName = "GROUP" };
        var device = new Option<string[]>("--device") { Description = "An Echo or speaker to plan, by id or name; give several", HelpName = "DEVICE", AllowMultipleArgumentsPerToken = true };
        var source = new Option<string?>("--source") { Description = Abilities.ThisVersion.SourceForms, HelpName = "SOURCE" };
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout" };
        var command = new Command("plan", "Say whether a group can play together, how, and why not") { config, house, group, device, source, json };
        command.SetAction(parsed => Run(
            new Request(parsed.GetValue(config), parsed.GetValue(house), parsed.GetValue(group), parsed.GetValue(device) ?? [], parsed.GetValue(source), parsed.GetValue(json)),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    private sealed record Request(string? Config, string? House, string? Group, string[] Devices, string? Source, bool Json);

    private static int Run(Request request, TextWriter output, TextWriter error)
    {
        if (Read(request, error) is not { } house || ToPlan(request, house.Configured, error) is not { } toPlan) return ExitCodes.UsageOrConfiguration;
        var plan = Planner.Plan(house, toPlan);
        output.WriteLine(request.Json ? JsonSerializer.Serialize(plan, PlanJson.Default.Plan) : PlanText.Write(plan, house).TrimEnd());
        return plan.Feasible ? ExitCodes.Fine : ExitCodes.Infeasible;
    }

    private static Engine.House? Read(Request request, TextWriter error)
    {
        if ((request.Config ?? ConfigurationPath.Default()) is not { } path)
        {
            error.WriteLine("There is no configuration to plan over. Give one with --config FILE.");
            return null;
        }

        var configuration = ConfigurationLoader.Load(path);
        var catalogue = CatalogueLoader.Load(path);
        var observed = request.House is null || configuration.Configuration is null
            ? new LoadResult<HouseObservation>(HouseObservation.Nothing, [])
            : HouseFileLoader.Load(request.House, configuration.Configuration.House);
        foreach (var problem in configuration.Errors.Concat(catalogue.Errors).Concat(observed.Errors)) error.WriteLine(problem);
        return configuration.Configuration is { } configured && catalogue.Value is { } models && observed.Value is { } seen
            ? new Engine.House(configured.House, seen, models)
            : null;
    }

    private static PlanRequest? ToPlan(Request request, HouseConfiguration house, TextWriter error)
    {
        if (request.Group is null == (request.Devices.Length == 0))
        {
            error.WriteLine(request.Group is null ? $"It is not said what to plan. {WhatThereIs(house)}" : "Both --group and --device are given. Give one of the two.");
            return null;
        }

        var names = NameBook.Of(house);
        var members = new List<string>();
        foreach (var device in request.Devices)
        {
            if (Find(names, device, error, DeviceKind.Echo, DeviceKind.Speaker) is not { } id) return null;
            if (!members.Contains(id)) members.Add(id);
        }

        ConfiguredGroup? group = null;
        if (request.Group is { } wanted)
        {
            if (Find(names, wanted, error, DeviceKind.Group) is not { } id) return null;
            group = house.Groups.First(g => g.Id == id);
        }

        var source = group?.Source;
        if (request.Source is { } text)
        {
            (source, var message, var remedy) = SourceSetting.Parse(text, names);
            if (source is null)
            {
                error.WriteLine($"--source: {message} {remedy}");
                return null;
            }
        }

        return new PlanRequest { Group = group?.Id, Members = group?.Members ?? members, Source = source, ForcedRoute = group?.Route };
    }

    private static string WhatThereIs(HouseConfiguration house)
    {
        if (house.Groups.Count > 0) return $"Give --group GROUP ({string.Join(", ", house.Groups.Take(12).Select(g => g.Name))}), or --device DEVICE once or more.";
        var devices = house.Speakers.Select(s => s.Name).Concat(house.Echoes.Select(e => e.Name)).ToList();
        return devices.Count > 0
            ? $"This configuration has no group. Add one (groups: - name: Party, with its members and source), or give --device DEVICE once or more ({string.Join(", ", devices.Take(12))})."
            : "This configuration has no group, Echo or speaker. Name some in it; config/tutti.yaml shows how.";
    }

    private static string? Find(NameBook names, string text, TextWriter error, params ReadOnlySpan<DeviceKind> kinds)
    {
        var found = names.Find(text, kinds);
        if (found.Entry is null) error.WriteLine($"{found.Message} {found.Remedy}");
        return found.Entry?.Id;
    }
}
