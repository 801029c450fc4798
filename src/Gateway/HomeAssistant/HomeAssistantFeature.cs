using Microsoft.Extensions.DependencyInjection;

namespace Gateway.HomeAssistant;

/// <summary>Home Assistant's discovery; needs the MQTT feature.</summary>
internal static class HomeAssistantFeature
{
    public static IServiceCollection AddHomeAssistant(this IServiceCollection services)
    {
        services.AddSingleton<DiscoveryBuilder>();
        services.AddSingleton<DiscoveryPublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<DiscoveryPublisher>());
        return services;
    }
}
