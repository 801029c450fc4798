using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Reconciler;

internal static class ReconcilerFeature
{
    public static IServiceCollection AddReconciler(this IServiceCollection services) => services
        .AddSingleton<HouseHub>()
        .AddSingleton(provider => new HousePorts(
            provider.GetRequiredService<IBluetooth>(), provider.GetRequiredService<IEchoControl>(), provider.GetRequiredService<PlaybackEngine>(), provider.GetService<IPairingQuestions>()))
        .AddHostedService<Reconciler>();
}
