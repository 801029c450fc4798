using Gateway.Configuration;

namespace Gateway.Mqtt;

/// <summary>What the feature takes from the configuration.</summary>
internal sealed record MqttOptions
{
    public MqttSettings Broker { get; init; } = new();

    /// <summary>Below it Home Assistant looks for devices: nobody else's answers are written there.</summary>
    public string DiscoveryPrefix { get; init; } = new HomeAssistantSettings().DiscoveryPrefix;

    public MqttTimings Timings { get; init; } = new();
}
