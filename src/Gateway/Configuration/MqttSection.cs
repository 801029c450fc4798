using System.Net;
using Gateway.Configuration.Yaml;
using Gateway.Native.Libc;

namespace Gateway.Configuration;

/// <summary><c>mqtt:</c>.</summary>
internal static class MqttSection
{
    // IANA: mqtt and secure-mqtt.
    private const int DefaultPort = 1883;
    private const int DefaultTlsPort = 8883;
    private const string Loopback = "127.0.0.1";
    private const string Tls = "mqtts";
    private const string Mark = "://";

    private static readonly (string, MqttProtocol)[] s_protocols = [("5", MqttProtocol.V5), ("5.0", MqttProtocol.V5), ("3.1.1", MqttProtocol.V311)];

    /// <summary>What other programs call the parts of the address.</summary>
    private static readonly Dictionary<string, string> s_ofOthers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["host"] = InUrl, ["hostname"] = InUrl, ["server"] = InUrl, ["broker"] = InUrl, ["address"] = InUrl, ["port"] = InUrl, ["uri"] = InUrl,
        ["tls"] = TlsInUrl, ["ssl"] = TlsInUrl, ["secure"] = TlsInUrl,
        ["discovery_prefix"] = "Write home_assistant.discovery_prefix.",
    };

    private const string InUrl = "Write host and port as mqtt.url: mqtt://host:1883, or mqtts://host:8883 for TLS.";
    private const string TlsInUrl = "Write mqtt.url: mqtts://host:8883 for TLS, or mqtt://host:1883 without.";

    public static MqttSettings Read(MapReader root, string folder)
    {
        var section = root.Section("mqtt", SettingKeys.Mqtt, s_ofOthers);
        var embedded = Embedded(section);
        var (tls, address) = (embedded is null ? Url(section) : (false, Reach(embedded))) ?? (false, new HostAndPort(Loopback, DefaultPort));
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
            Embedded = embedded,
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
            if (settings.Embedded is not null) section.Problems.Add(section.Place(key), $"{key} is set, and the broker inside speaks no TLS.", "Remove it, or use a broker that speaks TLS, such as Mosquitto.");
            else section.Problems.Add(section.Place(key), $"{key} is set, but the connection is not encrypted.", "Write mqtt.url as mqtts://host:port.");
        }

        if (settings.Embedded is { } inside && !IPAddress.IsLoopback(inside.Address) && (settings.Username is null || settings.Password is null))
        {
            section.Problems.Add(section.Place("listen"), "The broker inside would let in everybody who reaches this machine.", "Add mqtt.username and mqtt.password, or listen on 127.0.0.1.");
        }
    }

    /// <summary>Null: the broker is another's.</summary>
    private static EmbeddedBrokerSettings? Embedded(MapReader section)
    {
        if (section.Flag("embedded") != true)
        {
            if (section.Has("listen")) section.Problems.Add(section.Place("listen"), "listen is where the broker inside listens, and there is none.", "Add embedded: true, or remove the line; the broker to connect to is mqtt.url.");
            return null;
        }

        if (section.Find("url") is not (null or YamlScalar { IsNull: true })) section.Problems.Add(section.Place("url"), "embedded: true runs a broker inside, and url names another one.", "Keep one of the two.");
        return Listen(section) ?? new EmbeddedBrokerSettings(IPAddress.Loopback, DefaultPort);
    }

    private static EmbeddedBrokerSettings? Listen(MapReader section)
    {
        if (section.Text("listen", max: 300) is not { } text) return null;
        var parsed = HostAndPort.Parse(text, DefaultPort);
        if (parsed is { IsLoopback: true, Host: "localhost" }) parsed = parsed with { Host = Loopback };
        if (parsed is not null && IPAddress.TryParse(parsed.Host, out var address)) return new EmbeddedBrokerSettings(address, parsed.Port);
        var place = (YamlScalar)section.Place("listen");
        section.Problems.Add(place, $"{place.Shown} is not an address of this machine to listen on.", "Write address:port, such as 127.0.0.1:1883, or 0.0.0.0:1883 for the whole network.");
        return null;
    }

    /// <summary>How this program reaches what listens there.</summary>
    private static HostAndPort Reach(EmbeddedBrokerSettings place) =>
        new(place.Address.Equals(IPAddress.Any) || place.Address.Equals(IPAddress.IPv6Any) ? Loopback : place.Address.ToString(), place.Port);

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

        if (SchemeOf(text) is not { } scheme)
        {
            var host = place.Hidden || text.Contains(Mark, StringComparison.Ordinal) ? null : AddressIn(text, tls: false);
            problems.Add(place, $"{place.Shown} does not begin with mqtt:// or mqtts://.", host is null
                ? "Write mqtt://host:port, or mqtts://host:port for TLS."
                : $"Write mqtt://{host}, or mqtts://{host with { Port = host.Port == DefaultPort ? DefaultTlsPort : host.Port }} for TLS.");
            return null;
        }

        if (AddressIn(text[(scheme.Length + Mark.Length)..], scheme == Tls) is { } address) return (scheme == Tls, address);
        problems.Add(place, $"{place.Shown} is not the address of a broker.", $"Write {scheme}://host:port; the port is 1 to 65535, an IPv6 address stands in brackets as in {scheme}://[::1]:{(scheme == Tls ? DefaultTlsPort : DefaultPort)}, and nothing follows.");
        return null;
    }

    /// <summary>A broker in one text, <c>mqtt[s]://[user:password@]host[:port]</c>, as the command line takes it; null: it is none.</summary>
    public static MqttSettings? ParseUrl(string text)
    {
        if (SchemeOf(text) is not { } scheme) return null;
        var rest = text[(scheme.Length + Mark.Length)..];
        var at = rest.LastIndexOf('@'); // a password may hold one
        if (AddressIn(rest[(at + 1)..], scheme == Tls) is not { } address) return null;
        var user = at < 0 ? [] : rest[..at].Split(':', 2);
        return new MqttSettings
        {
            IsFromCommandLine = true,
            Host = address.Host,
            Port = address.Port,
            Tls = scheme == Tls,
            Username = user is [{ Length: > 0 } name, ..] ? Uri.UnescapeDataString(name) : null,
            Password = user is [{ Length: > 0 }, { Length: > 0 } password] ? Uri.UnescapeDataString(password) : null,
        };
    }

    private static string? SchemeOf(string text)
    {
        var mark = text.IndexOf(Mark, StringComparison.Ordinal);
        var scheme = mark < 0 ? "" : text[..mark].ToLowerInvariant();
        return scheme is "mqtt" or Tls ? scheme : null;
    }

    private static HostAndPort? AddressIn(string rest, bool tls) => HostAndPort.Parse(rest.EndsWith('/') ? rest[..^1] : rest, tls ? DefaultTlsPort : DefaultPort);

    public static string? ExistingFile(MapReader section, string key, string folder)
    {
        if (SimpleSections.FullPath(section, key, folder) is not { } path) return null;
        if (RegularFile.Exists(path)) return path;
        var place = (YamlScalar)section.Place(key);
        section.Problems.Add(place, $"The file {place.Shown} does not exist.", "Give the path of a PEM file; a relative one starts at the folder of this configuration.");
        return null;
    }
}
