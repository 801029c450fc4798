using Gateway.Bluetooth.BlueZ;
using Gateway.Engine.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Bluetooth;

/// <summary>Bluetooth on BlueZ: the ports <see cref="IBluetooth"/>, <see cref="IPairingQuestions"/>, <see cref="IOutputProvider"/> and <see cref="ISourceProvider"/>.</summary>
internal static class BluetoothFeature
{
    /// <summary>
    /// Needs <see cref="BluetoothOptions"/> and <see cref="TimeProvider"/> in the services. Without a bus or bluetoothd it waits for them. Where
    /// another radio side is registered already (the simulated house), that one stays.
    /// </summary>
    public static IServiceCollection AddBluetooth(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(IBluetooth))) return services;
        services.AddSingleton<BlueZService>();
        services.AddHostedService(provider => provider.GetRequiredService<BlueZService>());
        services.AddSingleton<IBluetooth>(provider => provider.GetRequiredService<BlueZService>());
        services.AddSingleton<IPairingQuestions>(provider => provider.GetRequiredService<BlueZService>());
        services.AddSingleton<BluetoothAudioPort>();
        services.AddSingleton<IOutputProvider>(provider => provider.GetRequiredService<BluetoothAudioPort>());
        services.AddSingleton<ISourceProvider>(provider => provider.GetRequiredService<BluetoothAudioPort>());
        return services;
    }
}
