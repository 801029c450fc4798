using Gateway.House;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Reconciler;

internal static class ReconcilerFeature
{
    public static IServiceCollection AddReconciler(this IServiceCollection services) => services
        .AddSingleton<HouseHub>()
        .AddHostedService<Reconciler>();
}
