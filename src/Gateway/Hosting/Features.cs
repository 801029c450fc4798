using Gateway.Bluetooth;
using Gateway.Echo;
using Gateway.Files;
using Gateway.HomeAssistant;
using Gateway.Mqtt;
using Gateway.Playback;
using Gateway.PulseAudio;
using Gateway.Reconciler;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Hosting;

internal static class Features
{
    /// <summary>The gateway, feature by feature, from the radios to the people.</summary>
    public static IServiceCollection AddFeatures(this IServiceCollection services) => services
        .AddBluetooth()         // radios and speakers: BlueZ
        .AddPulseAudio()        // the sound server: its microphone
        .AddFiles()             // sound files, and the test signal
        .AddEcho()              // Amazon's Echos: their control path
        .AddPlayback()          // sound: source to outputs
        .AddReconciler()        // the loop that brings the house to what was asked
        .AddMqtt()              // states, commands, answers
        .AddHomeAssistant();    // discovery: devices and entities
}
