using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Mqtt;

/// <summary>
/// The MQTT feature. Wants from the container: <see cref="MqttOptions"/>, GatewayIdentity, HouseHub, Store, TimeProvider, logging.
/// </summary>
internal static class MqttFeature
{
    public static IServiceCollection AddMqtt(this IServiceCollection services)
    {
        services.AddSingleton<Topics>();
        services.AddSingleton<ResponseTopics>();
#pragma warning disable RS0030 // told to other gateways
        services.AddSingleton(provider => new GatewayClaim(provider.GetRequiredService<TimeProvider>().GetUtcNow(), Guid.NewGuid().ToString("N")[..12], Environment.MachineName));
#pragma warning restore RS0030
        services.AddSingleton<MqttConnection>();
        services.AddSingleton<StatePublisher>();
        services.AddSingleton<CommandReceiver>();
        // All hosted services are made before the first is started: subscriptions and handlers stand before the first connection.
        // The connection is registered first, so that it stops last and says what the others still had to say.
        services.AddHostedService(provider =>
        {
            provider.GetRequiredService<CommandReceiver>();
            return provider.GetRequiredService<MqttConnection>();
        });
        services.AddHostedService(provider => provider.GetRequiredService<StatePublisher>());
        return services;
    }
}
