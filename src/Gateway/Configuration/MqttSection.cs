using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary><c>mqtt:</c>.</summary>
internal static class MqttSection
{
    // IANA: mqtt and secure-mqtt.
    private const int DefaultPort = 1883;
    private const int DefaultTlsPort = 8883;

    private static readonly (string, MqttProtocol)[] s_protocols = [("5", MqttProtocol.V5), ("5.0", MqttProtocol.V5), ("3.1.1", MqttProtocol.V311)];

    public static MqttSettings Read(MapReader root, string folder)
    {
        var section = root.Section("mqtt", SettingKeys.Mqtt);
        var (tls, address) = Url(section) ?? (false, new HostAndPort("127.0.0.1", DefaultPort));
        var settings = new MqttSettings
        {
            Host = address.Host,
            Port = address.Port,
            Tls = tls,
            Username = section.Text("username", max: 1000),
            Password = section.Secret("password"),
            CaFile = ExistingFile(section, "ca", folder),
            CertificateFile = ExistingFile(section, "certificate", folder),
            KeyFile = ExistingFile(section, "key", folder),
            ClientId = section.Word("client_id"),
            BaseTopic = SimpleSections.Topic(section, "base_topic") ?? "tutti",
            Protocol = section.Choice("protocol", s_protocols, "5 or 3.1.1") ?? MqttProtocol.V5,
        };
        CheckTogether(section, settings);
        return settings;
    }

    private static void CheckTogether(MapReader section, MqttSettings settings)
    {
        if (settings.Password is not null && settings.Username is null && !section.Has("username"))
        {
            section.Problems.Add(section.Place("password"), "There is a password, but no user name.", "Add mqtt.username.");
        }

        if (settings.KeyFile is not null && !section.Has("certificate"))
        {
            section.Problems.Add(section.Place("key"), "There is a key, but no certificate.", "Add mqtt.certificate.");
        }

        foreach (var key in (string[])["ca", "certificate", "key"])
        {
            if (section.Find(key) is not YamlScalar { IsNull: false } || settings.Tls || section.Find("url") is YamlUnusable) continue;
            section.Problems.Add(section.Place(key), $"{key} is set, but the connection is not encrypted.", "Write mqtt.url as mqtts://host:port.");
        }
    }

    private static (bool Tls, HostAndPort Address)? Url(MapReader section)
    {
        if (section.Word("url", max: 300) is not { } text) return null;
        var place = (YamlScalar)section.Place("url");
        var problems = section.Problems;
        if (text.Contains('@', StringComparison.Ordinal))
        {
            problems.Add(place, "The address holds a user name or password.", "Write mqtt://host:port, and the others as mqtt.username and mqtt.password.");
            return null;
        }

        var mark = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = mark < 0 ? "" : text[..mark].ToLowerInvariant();
        if (scheme is not ("mqtt" or "mqtts"))
        {
            problems.Add(place, $"{place.Shown} does not begin with mqtt:// or mqtts://.", "Write mqtt://host:port, or mqtts://host:port for TLS.");
            return null;
        }

        var tls = scheme == "mqtts";
        var rest = text[(mark + 3)..];
        if (rest.EndsWith('/')) rest = rest[..^1];
        if (HostAndPort.Parse(rest, tls ? DefaultTlsPort : DefaultPort) is { } address) return (tls, address);
        problems.Add(place, $"{place.Shown} is not the address of a broker.", $"Write {scheme}://host:port; the port is 1 to 65535, an IPv6 address stands in brackets as in {scheme}://[::1]:{(tls ? DefaultTlsPort : DefaultPort)}, and nothing follows.");
        return null;
    }

    private static string? ExistingFile(MapReader section, string key, string folder)
    {
        if (SimpleSections.FullPath(section, key, folder) is not { } path) return null;
        if (File.Exists(path)) return path;
        var place = (YamlScalar)section.Place(key);
        section.Problems.Add(place, $"The file {place.Shown} does not exist.", "Give the path of a PEM file; a relative one starts at the folder of this configuration.");
        return null;
    }
}
