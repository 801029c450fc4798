using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>
/// The sections that describe the house: devices first, so that every id is known, then what refers to them (groups, then routines).
/// </summary>
internal sealed class HouseSections(MapReader root, Problems problems, IReadOnlyDictionary<string, string> knownIds)
{
    private readonly IdAssigner _ids = new(problems, knownIds);
    private readonly NameBook _names = new();

    public MapReader Bluetooth { get; } = root.Section("bluetooth", SettingKeys.Bluetooth);
    public MapReader Echo { get; } = root.Section("echo", SettingKeys.Echo);
    public IReadOnlyDictionary<string, string> Ids => _ids.Ids;

    public HouseConfiguration Read()
    {
        var devices = new DeviceSections(root, problems, _ids, _names);
        var echoes = devices.Echoes();
        var speakers = devices.Speakers();
        var wired = speakers.Where(s => s.Sink is not null).Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        var groups = new GroupSections(root, problems, _ids, _names);
        return new HouseConfiguration
        {
            Echoes = echoes,
            Speakers = speakers,
            Transmitters = devices.Transmitters(wired),
            Adapters = new AdapterSection(problems).Read(Bluetooth, echoes, speakers),
            Groups = groups.Groups(),
            Routines = groups.Routines(wired),
            Limits = Limits(),
        };
    }

    /// <summary>Refers to the devices, so it comes after <see cref="Read"/>.</summary>
    public SimulationSettings Simulation()
    {
        var section = root.Section("simulation", SettingKeys.Simulation);
        var firmware = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in section.Entries("firmware"))
        {
            if (problems.IsFull) break;
            var found = _names.Find(key.Text, DeviceKind.Echo);
            if (found.Entry is null) problems.Add(key.Line, key.Column, value.Path, found.Message, found.Remedy);
            else if (value is YamlScalar { IsNull: false } version && version.Text.Trim().Length is > 0 and <= 100) firmware[found.Entry.Id] = version.Text.Trim();
            else if (value is not YamlUnusable) problems.Add(value, "A firmware version was expected.", "Write for example kitchen: 1.25.0.");
        }

        return new SimulationSettings { Firmware = firmware, Off = References.Resolve(section, "off", _names, DeviceKind.Speaker) };
    }

    private Limits Limits()
    {
        var standard = new Limits();
        var creates = Echo.Flag("create_groups");
        if (creates == true && !Echo.Has("refresh_token"))
            problems.Warn(Echo.Place("create_groups"), "Without a refresh token for the Alexa web API nothing can create groups in an Alexa account (only in the demo's simulated one).", "Create the group in the Alexa app and take create_groups: out, or see docs/echo.md.");
        return standard with
        {
            MaxWifiGroupMembers = Echo.Integer("max_members", 2, 1000) ?? standard.MaxWifiGroupMembers,
            MinFirmware = MinFirmware() ?? standard.MinFirmware,
            CreateWifiGroups = creates ?? standard.CreateWifiGroups,
            OnSecondLink = Echo.Choice("on_second_link", HouseWords.Policies) ?? standard.OnSecondLink,
        };
    }

    private string? MinFirmware()
    {
        if (Echo.Word("min_firmware") is not { } version) return null;
        var parts = version.Split('.');
        if (parts.Length >= 2 && parts.All(p => p.Length > 0 && p.All(char.IsAsciiDigit) && ulong.TryParse(p, out _))) return version;
        problems.Add(Echo.Place("min_firmware"), $"{((YamlScalar)Echo.Place("min_firmware")).Shown} is not a version of the dotted kind.", "Write for example 1.24.1; there is no minimum for the long numbers that the web API reports.");
        return null;
    }
}
