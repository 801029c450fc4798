using System.CommandLine;
using Gateway.Bluetooth;
using Gateway.Cli;
using Gateway.Cli.Calibrate;
using Gateway.Cli.Devices;
using Gateway.Cli.Pair;
using Gateway.Demo;
using Gateway.Echo;
using Gateway.Files;
using Gateway.HomeAssistant;
using Gateway.Mqtt;
using Gateway.Playback;
using Gateway.PulseAudio;
using Gateway.Reconciler;
using Gateway.Simulate;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var parsed = Root().Parse(args);
        // Time for a goodbye to a slow broker before the process is cut short.
        var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(15) });
        // The library ends wrong usage with 1; here that is 2, and 1 is a fault of ours.
        return parsed.Errors.Count > 0 ? ExitCodes.UsageOrConfiguration : code;
    }

    /// <summary>The gateway, feature by feature, from the radios to the people.</summary>
    internal static IServiceCollection AddFeatures(this IServiceCollection services) => services
        .AddBluetooth()         // radios and speakers: BlueZ
        .AddPulseAudio()        // the sound server: its outputs, its microphone
        .AddFiles()             // sound files, and the test signal
        .AddEcho()              // Amazon's Echos: their control path
        .AddPlayback()          // sound: source to outputs
        .AddReconciler()        // the loop that brings the house to what was asked
        .AddMqtt()              // states, commands, answers
        .AddHomeAssistant();    // discovery: devices and entities

    internal static RootCommand Root() => new("Tutti: Echos and Bluetooth speakers, all together, in Home Assistant.")
    {
        RunCommand.Create(),
        DemoCommand.Create(),
        CheckCommand.Create(),
        PlanCommand.Create(),
        VersionCommand.Create(),
        SnapshotCommand.Create(),
        CalibrateCommand.Create(),
        PairCommand.Create(),
        DevicesCommand.Create(),
        SimulateCommand.Create(),
        LaterCommands.Echo(),
        LaterCommands.SupportBundle(),
        LaterCommands.HomeAssistant(),
    };
}
