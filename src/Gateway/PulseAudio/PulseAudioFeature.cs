using Gateway.Engine.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.PulseAudio;

/// <summary>PulseAudio, and PipeWire in its place: the port <see cref="IMicrophone"/>.</summary>
internal static class PulseAudioFeature
{
    /// <summary>Where another microphone is registered already (the simulated room's), that one stays.</summary>
    public static IServiceCollection AddPulseAudio(this IServiceCollection services)
    {
        services.TryAddSingleton<IMicrophone, PulseMicrophones>();
        return services;
    }
}
