using System.Net;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>
/// A whole <c>tutti.yaml</c>, valid by construction: <see cref="ConfigurationLoader"/> makes it, nobody else.
/// A file that does not exist is the same as an empty one: <see cref="Default"/>.
/// </summary>
public sealed record TuttiConfiguration
{
    public GatewaySettings Gateway { get; init; } = new();
    public MqttSettings Mqtt { get; init; } = new();
    public HomeAssistantSettings HomeAssistant { get; init; } = new();
    public BluetoothAudio BluetoothAudio { get; init; }
    public EchoSettings Echo { get; init; } = new();
    public AudioSettings Audio { get; init; } = new();
    public WebSettings Web { get; init; } = new();

    /// <summary>Devices, groups, routines and limits, references resolved to ids.</summary>
    public HouseConfiguration House { get; init; } = new();

    /// <summary>What only the simulated house reads (<c>simulation:</c>).</summary>
    public SimulationSettings Simulation { get; init; } = new();

    public static TuttiConfiguration Default { get; } = new();
}

/// <summary><c>gateway:</c>.</summary>
/// <param name="Id">Null: random, and stored from the first start on.</param>
/// <param name="Data">The data directory; null: <c>--data</c>, else the default.</param>
public sealed record GatewaySettings(string? Id = null, string Name = "Tutti", string? Data = null);

/// <summary>The MQTT protocol version to speak.</summary>
public enum MqttProtocol
{
    V5,
    V311,
}

/// <summary><c>mqtt:</c>. Secrets are plain text here and nowhere else: they never reach a log, a topic or the page.</summary>
public sealed record MqttSettings
{
    public string Host { get; init; } = "127.0.0.1";
    public int Port { get; init; } = 1883;
    public bool Tls { get; init; }
    public string? Username { get; init; }
    public string? Password { get; init; }

    /// <summary>PEM files; null: the system's authorities, no client certificate.</summary>
    public string? CaFile { get; init; }
    public string? CertificateFile { get; init; }
    public string? KeyFile { get; init; }

    /// <summary>Null: <c>tutti-&lt;gateway id&gt;</c>, stable so that a stale session's will cannot land after our <c>online</c>.</summary>
    public string? ClientId { get; init; }
    public string BaseTopic { get; init; } = "tutti";
    public MqttProtocol Protocol { get; init; }

    /// <summary>The broker runs inside the program (<c>embedded: true</c>), and <see cref="Host"/> and <see cref="Port"/> lead there; null: it is another's.</summary>
    public EmbeddedBrokerSettings? Embedded { get; init; }

    /// <summary>Address, user and password were given by <c>--broker</c>: there they are to be corrected.</summary>
    public bool IsFromCommandLine { get; init; }

    /// <summary>What a remedy calls the place where the address, or user and password, stand.</summary>
    public string NameOfUrl => IsFromCommandLine ? "--broker" : "mqtt.url";
    public string NameOfLogin => IsFromCommandLine ? "user and password in --broker (mqtt://user:password@host:port)" : "mqtt.username and mqtt.password";

    /// <summary>As shown to people: never with a user name or password.</summary>
    public string DisplayUrl => $"{(Tls ? "mqtts" : "mqtt")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    /// <summary>Records print their members; this one must not print its secrets.</summary>
    public override string ToString() => $"MqttSettings {{ {DisplayUrl} }}";
}

/// <summary>Where the broker inside listens.</summary>
public sealed record EmbeddedBrokerSettings(IPAddress Address, int Port);

/// <summary><c>home_assistant:</c>.</summary>
public sealed record HomeAssistantSettings
{
    public string DiscoveryPrefix { get; init; } = "homeassistant";
    public Uri? Url { get; init; }
    public string? Token { get; init; }

    public override string ToString() => $"HomeAssistantSettings {{ {DiscoveryPrefix} }}";
}

/// <summary><c>bluetooth.audio</c>: who owns the A2DP endpoints.</summary>
public enum BluetoothAudio
{
    Auto,
    Own,
    Pulse,
}

/// <summary><c>echo.control</c>.</summary>
public enum EchoControlChoice
{
    Auto,
    HomeAssistant,
    AlexaApi,
    Declared,
}

/// <summary><c>echo:</c>; its limits and policies are in <see cref="HouseConfiguration.Limits"/>.</summary>
public sealed record EchoSettings(EchoControlChoice Control = EchoControlChoice.Auto)
{
    /// <summary>For the Alexa web API.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Such as <c>amazon.de</c>; null: the account is asked.</summary>
    public string? Site { get; init; }

    /// <summary>A simulated cloud on this machine, and the authority of its certificate; null: Amazon.</summary>
    public Uri? Url { get; init; }
    public string? CaFile { get; init; }

    /// <summary>The token is given, and nothing speaks against its use.</summary>
    public bool UsesAlexaApi => RefreshToken is not null && Control is (EchoControlChoice.AlexaApi or EchoControlChoice.Auto);

    public override string ToString() => $"EchoSettings {{ {Control} }}";
}

/// <summary><c>audio:</c>.</summary>
/// <param name="Microphone">Null: off (the default; listening needs consent), else the sound server's source, or <c>default</c>.</param>
/// <param name="MediaDirectory">The folder below which files may be played; <see cref="MediaFolder"/> beside the configuration where it says nothing. Null: there is none.</param>
/// <param name="Tracking">It also listens along while music plays: a consent of its own, not given by default.</param>
public sealed record AudioSettings(string? Microphone = null, string? MediaDirectory = null, bool Tracking = false)
{
    public const string MediaFolder = "media";
}

/// <summary><c>web:</c>.</summary>
/// <param name="Listen">Host and port of the status page; null: no page.</param>
public sealed record WebSettings(string? Listen = null, string? Token = null)
{
    public override string ToString() => $"WebSettings {{ {Listen} }}";
}

/// <summary><c>simulation:</c>: facts of the simulated house that no real configuration would hold. Ids refer to the devices above.</summary>
public sealed record SimulationSettings
{
    /// <summary>Echo id → the firmware that it reports; the others report a dotted version.</summary>
    public IReadOnlyDictionary<string, string> Firmware { get; init; } = new Dictionary<string, string>();

    /// <summary>Ids of speakers that are switched off at the start.</summary>
    public IReadOnlyList<string> Off { get; init; } = [];
}
