using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>Reads <c>tutti.yaml</c>: a whole, checked configuration, or everything that is wrong with it at once. Never throws on what the file holds.</summary>
public static class ConfigurationLoader
{
    private static readonly Dictionary<string, string> s_nothingKnown = [];

    /// <summary>Reads a file. One that does not exist is an error here: whoever uses a default path asks first.</summary>
    /// <param name="knownIds">Ids stored earlier by <c>kind:name</c> (see <see cref="ConfigurationResult.Ids"/>); they win over derived ones.</param>
    /// <param name="catalogue">Models that it does not know are warned of; null: nobody looks.</param>
    public static ConfigurationResult Load(string path, IReadOnlyDictionary<string, string>? knownIds = null, Catalogue? catalogue = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var problems = new Problems(path);
        var text = TextFile.Read(path, problems);
        return text is null ? new ConfigurationResult(null, problems.Errors, [], s_nothingKnown) : Parse(text, path, problems, knownIds, catalogue);
    }

    /// <summary>Reads a text as if it were the file <paramref name="fileName"/>: relative paths start at that file's folder.</summary>
    /// <param name="media">What <c>audio.media_dir</c> is where the text does not say; null: beside the file.</param>
    public static ConfigurationResult Parse(string text, string fileName, IReadOnlyDictionary<string, string>? knownIds = null, Catalogue? catalogue = null, string? media = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text, fileName, new Problems(fileName), knownIds, catalogue, media);
    }

    private static ConfigurationResult Parse(string text, string fileName, Problems problems, IReadOnlyDictionary<string, string>? knownIds, Catalogue? catalogue, string? media = null)
    {
        var folder = TextFile.FolderOf(fileName);
        var tree = YamlTree.Read(text, problems, new Secrets(folder)) ?? new YamlMap([], "", 1, 1);
        var root = new MapReader(tree, "this file", SettingKeys.Root, problems);
        var house = new HouseSections(root, problems, knownIds ?? s_nothingKnown);
        var configuration = new TuttiConfiguration
        {
            Gateway = SimpleSections.Gateway(root, folder),
            Mqtt = MqttSection.Read(root, folder),
            HomeAssistant = SimpleSections.HomeAssistant(root),
            BluetoothAudio = SimpleSections.BluetoothAudio(house.Bluetooth),
            Echo = EchoSection.Read(house.Echo, folder),
            Audio = SimpleSections.Audio(root, folder, media),
            Web = SimpleSections.Web(root),
            House = house.Read(),
            Simulation = house.Simulation(),
        };
        if (configuration.Mqtt.BaseTopic == configuration.HomeAssistant.DiscoveryPrefix)
        {
            problems.Add(root.Place("mqtt"), $"mqtt.base_topic and home_assistant.discovery_prefix are both \"{configuration.Mqtt.BaseTopic}\".", "Give Tutti a base topic of its own, such as tutti.");
        }

        WarnOfFilesElsewhere(configuration, root, problems);
        if (catalogue is not null) ModelHints.Warn(tree, catalogue, problems);
        var errors = problems.Errors;
        return new ConfigurationResult(errors.Count == 0 ? configuration : null, errors, problems.Warnings, house.Ids);
    }

    /// <summary>By its written path: where links lead is looked at when it is played.</summary>
    private static void WarnOfFilesElsewhere(TuttiConfiguration configuration, MapReader root, Problems problems)
    {
        if (configuration.Audio.MediaDirectory is not { } media) return;
        foreach (var group in configuration.House.Groups.Where(g => g.Source is { Kind: SourceKind.File, Argument: { } path } && !IsBelow(path, media)))
            problems.Warn(root.Place("groups"), $"The source of {group.Name} is a file that is not below {media}: it is not played.", "Put it there, or set audio.media_dir to the folder that it is in.");
    }

    private static bool IsBelow(string path, string folder) =>
        !path.Contains('\0', StringComparison.Ordinal) && Path.GetFullPath(path, folder).StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);
}
