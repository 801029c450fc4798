using Gateway.Configuration;

namespace Gateway.HomeAssistant;

/// <summary>What the feature takes from the configuration.</summary>
internal sealed record HomeAssistantOptions
{
    public string DiscoveryPrefix { get; init; } = new HomeAssistantSettings().DiscoveryPrefix;
}
