using Gateway.Engine.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.PulseAudio;

/// <summary>PulseAudio, and PipeWire in its place: the ports <see cref="IOutputProvider"/>, <see cref="ISourceProvider"/> and <see cref="IMicrophone"/>.</summary>
internal static class PulseAudioFeature
{
    /// <summary>
    /// Needs <see cref="IBluetooth"/>, <see cref="PulseOptions"/> and <see cref="TimeProvider"/> in the services. Where another microphone is registered already (the simulated room's), the whole house is
    /// simulated, and no sound server of this machine has a part in it.
    /// </summary>
    public static IServiceCollection AddPulseAudio(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(IMicrophone))) return services;
        services.AddSingleton<IMicrophone, PulseMicrophones>();
        services.AddSingleton<PulseLink>();
        services.AddHostedService(provider => provider.GetRequiredService<PulseLink>());
        services.AddSingleton<IOutputProvider, PulseOutputs>();
        services.AddSingleton<ISourceProvider, PulseSources>();
        return services;
    }
}
