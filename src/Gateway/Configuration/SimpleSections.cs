using Gateway.Configuration.Yaml;
using Gateway.Engine;
using EngineIds = Gateway.Engine.Text.Ids;

namespace Gateway.Configuration;

/// <summary>The sections that hold single settings: <c>gateway, home_assistant, bluetooth.audio, audio, web</c>.</summary>
internal static class SimpleSections
{
    private static readonly (string, BluetoothAudio)[] s_audio = [("auto", Configuration.BluetoothAudio.Auto), ("own", Configuration.BluetoothAudio.Own), ("pulse", Configuration.BluetoothAudio.Pulse)];

    private static readonly string[] s_meansYes = ["on", "true", "yes"];

    public static GatewaySettings Gateway(MapReader root, string folder)
    {
        var section = root.Section("gateway", SettingKeys.Gateway);
        var id = section.Word("id");
        if (id is not null && !EngineIds.IsValid(id)) IdAssigner.AddNoId((YamlScalar)section.Place("id"), section.Problems);

        return new GatewaySettings(id, section.Text("name") ?? "Tutti", FullPath(section, "data", folder));
    }

    public static HomeAssistantSettings HomeAssistant(MapReader root)
    {
        var section = root.Section("home_assistant", SettingKeys.HomeAssistant);
        return new HomeAssistantSettings
        {
            DiscoveryPrefix = Topic(section, "discovery_prefix") ?? "homeassistant",
            Url = Built(Feature.HomeAssistantApi, section, "url", HttpUrl(section, "url")),
            Token = Built(Feature.HomeAssistantApi, section, "token", section.Secret("token")),
        };
    }

    public static BluetoothAudio BluetoothAudio(MapReader bluetooth) => bluetooth.Choice("audio", s_audio) ?? Configuration.BluetoothAudio.Auto;

    public static AudioSettings Audio(MapReader root, string folder, string? media)
    {
        var section = root.Section("audio", SettingKeys.Audio);
        var microphone = section.Text("microphone", max: 300);
        var off = microphone is not null && (IsOff(microphone) || microphone.Equals("no", StringComparison.OrdinalIgnoreCase));
        var tracking = section.Flag("tracking") ?? false;
        if (tracking && (off || microphone is null))
            section.Problems.Add(section.Place("tracking"), "audio.tracking is on, and there is no microphone to listen with.", "Name one in audio.microphone, or leave audio.tracking out.");
        if (microphone is not null && s_meansYes.Contains(microphone, StringComparer.OrdinalIgnoreCase))
        {
            section.Problems.Add(section.Place("microphone"), "The microphone is allowed, but it is not said which.", "Write default, or the name of one of the sound server's sources (pactl list short sources), or off.");
        }

        return new AudioSettings(off ? null : microphone, FullPath(section, "media_dir", folder) is { } set ? Existing(section, set) : media ?? Path.Combine(folder, AudioSettings.MediaFolder), tracking);
    }

    private static string Existing(MapReader section, string media)
    {
        if (!Directory.Exists(media)) section.Problems.Warn(section.Place("media_dir"), $"There is no folder {media}: no file can be played.", "Make it, or name the folder that your sound files are in.");
        return media;
    }

    public static WebSettings Web(MapReader root)
    {
        var section = root.Section("web", SettingKeys.Web);
        var token = Built(Feature.StatusPage, section, "token", section.Secret("token"));
        var listen = section.Word("listen", max: 300);
        if (listen is null || IsOff(listen)) return new WebSettings(null, token);
        var place = (YamlScalar)section.Place("listen");
        if (HostAndPort.Parse(listen, defaultPort: null) is not { } address)
        {
            section.Problems.Add(place, $"{place.Shown} is not an address to listen on.", "Write host:port, such as 127.0.0.1:8099 or [::]:8099, or off.");
            return new WebSettings(null, token);
        }

        if (token is null && !address.IsLoopback && Abilities.ThisVersion.Has(Feature.StatusPage))
        {
            section.Problems.Warn(place, "The status page can be opened by everybody who reaches this machine.", "Set web.token, or listen on 127.0.0.1.");
        }

        return new WebSettings(Built(Feature.StatusPage, section, "listen", address.ToString()), token);
    }

    /// <summary>The value; where what it asks for is not built, that is an error: it would be taken and do nothing.</summary>
    public static T? Built<T>(Feature feature, MapReader section, string key, T? value) where T : class
    {
        if (value is not null && Abilities.ThisVersion.WhyNot(feature) is { } notYet) section.Problems.Add(section.Place(key), notYet, $"Take {key}: out.");
        return value;
    }

    /// <summary>A topic prefix: one or more levels without wildcards.</summary>
    public static string? Topic(MapReader section, string key)
    {
        if (section.Word(key) is not { } topic) return null;
        var place = section.Place(key);
        if (!topic.StartsWith('$') && !topic.AsSpan().ContainsAny("+#") && topic.Split('/').All(level => level.Length > 0)) return topic;
        section.Problems.Add(place, $"{((YamlScalar)place).Shown} cannot be the beginning of topics.", "Use words with / between them: no + or #, no $ or / at the beginning, no / at the end.");
        return null;
    }

    /// <summary>A path, made absolute from the configuration's folder.</summary>
    public static string? FullPath(MapReader section, string key, string folder) =>
        section.Text(key, max: 1000) is { } path ? Path.GetFullPath(path, folder) : null;

    private static bool IsOff(string text) => text.Equals("off", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase);

    private static Uri? HttpUrl(MapReader section, string key)
    {
        if (section.Word(key, max: 1000) is not { } text) return null;
        var place = section.Place(key);
        if (text.Contains('@', StringComparison.Ordinal))
        {
            section.Problems.Add(place, "The address holds a user name or password.", $"Write http://host:port without them, and the access token as {section.At.Path}.token.");
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0) return url;
        section.Problems.Add(place, $"{((YamlScalar)place).Shown} is not an http address.", "Write for example http://homeassistant.local:8123.");
        return null;
    }
}
