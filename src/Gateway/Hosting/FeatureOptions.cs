using Gateway.Bluetooth;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.HomeAssistant;
using Gateway.Mqtt;
using Gateway.Playback;
using Gateway.Reconciler;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Hosting;

/// <summary>From the configuration to the options of each feature: no feature sees the whole of it.</summary>
internal static class FeatureOptions
{
    public static IServiceCollection AddFeatureOptions(this IServiceCollection services, TuttiConfiguration configuration, Catalogue catalogue) => services
        .AddSingleton(BluetoothOptions.From(configuration.House, configuration.BluetoothAudio, catalogue))
        .AddSingleton(ForPlayback(configuration))
        .AddSingleton(ForReconciler(configuration))
        .AddSingleton(ForMqtt(configuration))
        .AddSingleton(ForHomeAssistant(configuration));

    public static PlaybackOptions ForPlayback(TuttiConfiguration configuration) => new()
    {
        Backend = configuration.BluetoothAudio == BluetoothAudio.Pulse ? "pulse" : "own",
        Microphone = configuration.Audio.Microphone,
        Tracking = configuration.Audio.Tracking,
        MediaDirectory = configuration.Audio.MediaDirectory,
    };

    public static ReconcilerOptions ForReconciler(TuttiConfiguration configuration) => new()
    {
        House = configuration.House,
        BluetoothAudio = configuration.BluetoothAudio,
        BaseTopic = configuration.Mqtt.BaseTopic,
    };

    public static MqttOptions ForMqtt(TuttiConfiguration configuration) => new()
    {
        Broker = configuration.Mqtt,
        DiscoveryPrefix = configuration.HomeAssistant.DiscoveryPrefix,
    };

    public static HomeAssistantOptions ForHomeAssistant(TuttiConfiguration configuration) => new()
    {
        DiscoveryPrefix = configuration.HomeAssistant.DiscoveryPrefix,
    };
}
