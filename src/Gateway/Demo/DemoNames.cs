using System.Text.Json;
using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Gateway.Engine;

namespace Gateway.Demo;

/// <summary>What people call what the messages name by id. Devices are <c>kind/id</c>.</summary>
internal sealed class DemoNames
{
    private readonly Dictionary<string, string> _nameOf = new(StringComparer.Ordinal);

    // Events name devices by bare ids; the states seen before say of which kind they are.
    private readonly Dictionary<string, string> _deviceOfId = new(StringComparer.Ordinal);

    public DemoNames(HouseConfiguration house)
    {
        foreach (var echo in house.Echoes) Add("echo", echo.Id, echo.Name);
        foreach (var speaker in house.Speakers) Add("speaker", speaker.Id, speaker.Name);
        foreach (var transmitter in house.Transmitters) Add("transmitter", transmitter.Id, transmitter.Name);
        foreach (var group in house.Groups) _nameOf[$"group/{group.Id}"] = group.Name;
        foreach (var routine in house.Routines) _nameOf[$"voice/{routine.Id}"] = routine.Name;
    }

    public void Saw(string kind, string id, JsonElement state)
    {
        if (kind is not ("group" or "gateway") && state.Text("name") is { Length: > 0 } name) Add(kind, id, name);
    }

    public string DeviceOf(string id) => _deviceOfId.GetValueOrDefault(id, id);

    /// <summary>Of a device by its bare id.</summary>
    public string Of(string id) => Named(DeviceOf(id));

    public string Source(string written) => SourceRef.TryParse(written, out var source) && source is { Kind: SourceKind.Echo, Argument: { } echo } ? Of(echo) : written;

    /// <summary>A sentence that begins with the device's name, unless it does so by itself.</summary>
    public string Sentence(string device, string text)
    {
        var name = Named(device);
        return device == "gateway" || device.StartsWith("gateway/", StringComparison.Ordinal) || text.Contains(name, StringComparison.Ordinal) ? text : $"{name}: {text}";
    }

    public static string Count(int number, string word) => number == 1 ? $"1 {word}" : $"{number} {word}s";

    public static string Join(IReadOnlyList<string> names) => names.Count < 2 ? string.Concat(names) : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";

    private string Named(string device) => _nameOf.GetValueOrDefault(device, device);

    private void Add(string kind, string id, string name)
    {
        _nameOf[$"{kind}/{id}"] = name;
        _deviceOfId[id] = $"{kind}/{id}";
    }
}
