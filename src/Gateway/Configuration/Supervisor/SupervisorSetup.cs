namespace Gateway.Configuration.Supervisor;

/// <summary>A configuration completed by what the Supervisor knows; what it could not tell, as a sentence to log.</summary>
internal sealed record CompletedConfiguration(TuttiConfiguration Configuration, string? Problem);

/// <summary>
/// The program as a Home Assistant app (add-on). What the configuration leaves open is taken from the app's options, then from the
/// Supervisor, then from the defaults; what it says itself wins.
/// </summary>
internal sealed class SupervisorSetup(Uri address, string token, AppOptions options)
{
    public const string TokenVariable = "SUPERVISOR_TOKEN";
    public const string OptionsFile = "/data/options.json";
    public static readonly Uri Address = new("http://supervisor/");

    /// <summary>The name that the options' <c>configuration</c> has in error messages; relative paths in it start at <c>/data</c>.</summary>
    private const string ConfigurationName = "/data/tutti.yaml";

    /// <summary>Home Assistant's media folder, as the app sees it.</summary>
    private const string MediaFolder = "/media";

    public AppOptions Options => options;

    /// <summary>Null where the program does not run as an app.</summary>
    /// <exception cref="InvalidDataException">The options cannot be read.</exception>
    public static SupervisorSetup? FromEnvironment() => Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token
        ? new SupervisorSetup(Address, token, AppOptions.Read(OptionsFile))
        : null;

    /// <summary>The configuration in the options, parsed; where there is none, the defaults of an app.</summary>
    public ConfigurationResult Configuration(IReadOnlyDictionary<string, string>? knownIds = null) =>
        ConfigurationLoader.Parse(options.Configuration ?? "", ConfigurationName, knownIds, media: options.MediaDirectory is ['/', ..] media && !media.Contains('\0') ? media : MediaFolder);

    public async Task<CompletedConfiguration> CompleteAsync(TuttiConfiguration configuration, CancellationToken cancellation)
    {
        var gateway = configuration.Gateway;
        var (mqtt, problem) = await BrokerAsync(configuration.Mqtt, cancellation);
        return new CompletedConfiguration(
            configuration with
            {
                Gateway = gateway.Name == new GatewaySettings().Name && options.GatewayName is { } name ? gateway with { Name = name } : gateway,
                Mqtt = mqtt,
            },
            problem);
    }

    /// <summary>Also to be asked after a refused password, with the settings as configured.</summary>
    public async Task<(MqttSettings Mqtt, string? Problem)> BrokerAsync(MqttSettings configured, CancellationToken cancellation)
    {
        if (!IsDefaultAddress(configured))
        {
            return (configured, null);
        }

        if (options.MqttUrl is { } url)
        {
            return FromOptions(configured, url);
        }

        using var supervisor = new SupervisorClient(address, token);
        var answer = await supervisor.AskForBrokerAsync(cancellation);
        return answer.Mqtt is { } known
            ? (configured with { Host = known.Host, Port = known.Port, Tls = known.Tls, Username = known.Username, Password = known.Password }, null)
            : (configured, answer.Problem);
    }

    private (MqttSettings Mqtt, string? Problem) FromOptions(MqttSettings configured, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("mqtt" or "mqtts") || parsed.UserInfo.Length > 0 || parsed.Host.Length == 0)
        {
            // Not quoted: a password may stand in it by mistake.
            return (configured, "The option mqtt_url is not the address of a broker. Write mqtt://host:port or mqtts://host:port, and the user in its own fields.");
        }

        var tls = parsed.Scheme == "mqtts";
        return (configured with
        {
            Host = parsed.DnsSafeHost,
            Port = parsed.Port > 0 ? parsed.Port : tls ? 8883 : 1883, // IANA: secure-mqtt, mqtt
            Tls = tls,
            Username = options.MqttUsername,
            Password = options.MqttPassword,
        }, null);
    }

    /// <summary>In the app's container nobody answers at the default address, so that one means "not configured".</summary>
    private static bool IsDefaultAddress(MqttSettings settings)
    {
        var unset = new MqttSettings();
        return settings.Host == unset.Host && settings.Port == unset.Port && settings.Tls == unset.Tls && settings is { Username: null, Embedded: null };
    }
}
