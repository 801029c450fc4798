using Gateway.Bluetooth;
using Gateway.Configuration;
using Gateway.Echo;
using Gateway.Echo.Alexa;
using Gateway.Engine;
using Gateway.Files;
using Gateway.HomeAssistant;
using Gateway.House;
using Gateway.Mqtt;
using Gateway.Playback;
using Gateway.PulseAudio;
using Gateway.Reconciler;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Hosting;

/// <summary>From the configuration to the options of each feature: no feature sees the whole of it.</summary>
internal static class FeatureOptions
{
    public static IServiceCollection AddFeatureOptions(this IServiceCollection services, TuttiConfiguration configuration, Catalogue catalogue, GatewayIdentity identity, string dataDirectory) => services
        .AddSingleton(BluetoothOptions.From(configuration.House, configuration.BluetoothAudio, catalogue))
        .AddSingleton(new FilesOptions(configuration.Audio.MediaDirectory))
        .AddSingleton(ForEcho(configuration, dataDirectory))
        .AddSingleton(ForPulseAudio(configuration))
        .AddSingleton(ForPlayback(configuration))
        .AddSingleton(ForReconciler(configuration, catalogue, identity))
        .AddSingleton(ForMqtt(configuration))
        .AddSingleton(ForHomeAssistant(configuration));

    public static EchoControlOptions ForEcho(TuttiConfiguration configuration, string dataDirectory) => new(!configuration.Echo.UsesAlexaApi ? null
        : new AlexaOptions(configuration.Echo.RefreshToken!, configuration.Echo.Site, dataDirectory) { Url = configuration.Echo.Url, AuthorityFile = configuration.Echo.CaFile });

    public static PulseOptions ForPulseAudio(TuttiConfiguration configuration) => new()
    {
        Sinks = configuration.House.Speakers.Where(s => s.Sink is not null).ToDictionary(s => s.Id, s => s.Sink!, StringComparer.Ordinal),
        HasLineIn = configuration.House.Groups.Select(g => g.Source)
            .Concat(configuration.House.Routines.SelectMany(r => r.Steps).Where(s => s.Action == RoutineAction.Source).Select(s => SourceRef.TryParse(s.Value ?? "", out var source) ? source : null))
            .Any(s => s is { Kind: SourceKind.LineIn }),
    };

    public static PlaybackOptions ForPlayback(TuttiConfiguration configuration) => new()
    {
        Microphone = configuration.Audio.Microphone,
        Tracking = configuration.Audio.Tracking,
    };

    public static ReconcilerOptions ForReconciler(TuttiConfiguration configuration, Catalogue catalogue, GatewayIdentity identity) =>
        new(configuration.House, catalogue, identity, SoundServerHasBluetooth: configuration.BluetoothAudio == BluetoothAudio.Pulse);

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
