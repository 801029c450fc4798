using System.CommandLine;
using System.Text;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Cli;

/// <summary><c>tutti check</c>: everything that is wrong with a configuration, at once; with <c>--house</c> the checklist that a person would go through by hand.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "The configuration to check", HelpName = "FILE" };
        var house = new Option<string?>("--house") { Description = "What is observed of the house now: go through the checklist too", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout" };
        var command = new Command("check", "Check a configuration and name every error, each with its line and a remedy") { config, house, json };
        command.SetAction(parsed => Run(parsed.GetValue(config), parsed.GetValue(house), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string? config, string? house, bool json, TextWriter output, TextWriter error)
    {
        var path = config ?? ConfigurationPath.Default();
        var catalogue = CatalogueLoader.Load(path);
        var result = path is null ? ConfigurationLoader.Parse("", "") : ConfigurationLoader.Load(path, catalogue: catalogue.Value);
        var observed = house is null || result.Configuration is null ? null : HouseFileLoader.Load(house, result.Configuration.House);
        ConfigurationError[] errors = [.. result.Errors, .. catalogue.Errors, .. observed?.Errors ?? []];
        var checklist = observed?.Value is { } seen && catalogue.Value is { } models ? Checklist.For(new Engine.House(result.Configuration!.House, seen, models), new CheckFacts()) : null;
        if (json) output.WriteLine(Json(result, errors, checklist));
        else Text(path ?? "No configuration file", result, errors, output, error);
        if (!json && checklist is not null) WriteChecklist(checklist, result.Configuration!.House, output);
        return errors.Length == 0 ? ExitCodes.Fine : ExitCodes.UsageOrConfiguration;
    }

    private static void Text(string path, ConfigurationResult result, ConfigurationError[] errors, TextWriter output, TextWriter error)
    {
        foreach (var problem in errors) error.WriteLine(problem);
        foreach (var warning in result.Warnings) error.WriteLine($"warning: {warning}");
        if (errors.Length > 0) error.WriteLine($"{path}: {Count(errors.Length, "error", "errors")}.");
        else if (result.Configuration is { } configuration) output.WriteLine($"{path} is fine: {string.Join(", ", Summary(configuration).Select(s => Count(s.Count, s.One, s.What)))}.");
    }

    /// <summary>What stands in the way first, what is fine last.</summary>
    private static void WriteChecklist(IReadOnlyList<CheckItem> checklist, HouseConfiguration house, TextWriter output)
    {
        var names = house.Echoes.Select(e => (e.Id, e.Name)).Concat(house.Speakers.Select(s => (s.Id, s.Name))).DistinctBy(d => d.Id).ToDictionary(d => d.Id, d => d.Name);
        foreach (var item in checklist.OrderBy(i => Array.IndexOf(s_worstFirst, i.Result)))
        {
            var device = item.Device is null ? "the house" : names.GetValueOrDefault(item.Device, item.Device);
            output.WriteLine($"{Word(item.Result),-7} {device}: {item.Title} ({item.Rule}). {item.Text}{(item.Remedy.Length == 0 ? "" : " " + item.Remedy)}");
        }
    }

    private static readonly CheckResult[] s_worstFirst = [CheckResult.Fail, CheckResult.Warn, CheckResult.Unknown, CheckResult.Pass];

    private static string Word(CheckResult result) => result switch { CheckResult.Pass => "pass", CheckResult.Warn => "warn", CheckResult.Fail => "fail", _ => "unknown" };

    private static string Json(ConfigurationResult result, ConfigurationError[] errors, IReadOnlyList<CheckItem>? checklist)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("valid", errors.Length == 0);
            WriteErrors(json, "errors", errors);
            WriteErrors(json, "warnings", result.Warnings);
            json.WriteStartObject("summary");
            foreach (var (what, _, count) in Summary(result.Configuration ?? TuttiConfiguration.Default)) json.WriteNumber(what, count);
            json.WriteEndObject();
            if (checklist is not null) WriteChecklist(json, checklist);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteChecklist(Utf8JsonWriter json, IReadOnlyList<CheckItem> checklist)
    {
        json.WriteStartArray("checklist");
        foreach (var item in checklist)
        {
            json.WriteStartObject();
            json.WriteString("device", item.Device);
            json.WriteString("rule", item.Rule);
            json.WriteString("title", item.Title);
            json.WriteString("result", Word(item.Result));
            json.WriteString("text", item.Text);
            json.WriteString("remedy", item.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteErrors(Utf8JsonWriter json, string name, IReadOnlyList<ConfigurationError> errors)
    {
        json.WriteStartArray(name);
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteString("file", error.File);
            if (error.Line > 0) json.WriteNumber("line", error.Line);
            else json.WriteNull("line");
            if (error.Column > 0) json.WriteNumber("column", error.Column);
            else json.WriteNull("column");
            json.WriteString("setting", error.Setting);
            json.WriteString("message", error.Message);
            json.WriteString("remedy", error.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static (string What, string One, int Count)[] Summary(TuttiConfiguration configuration) =>
    [
        ("echoes", "echo", configuration.House.Echoes.Count),
        ("speakers", "speaker", configuration.House.Speakers.Count),
        ("transmitters", "transmitter", configuration.House.Transmitters.Count),
        ("adapters", "adapter", configuration.House.Adapters?.Count ?? 0),
        ("groups", "group", configuration.House.Groups.Count),
        ("routines", "routine", configuration.House.Routines.Count),
    ];

    private static string Count(int number, string one, string many) => number == 1 ? $"1 {one}" : $"{number} {many}";
}
