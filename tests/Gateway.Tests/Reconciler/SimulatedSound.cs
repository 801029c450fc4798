using Gateway.Configuration;
using Gateway.Files;
using Gateway.Playback;
using Gateway.Simulation;

namespace Gateway.Tests.Reconciler;

/// <summary>The sound of a simulated house, as the program puts it together.</summary>
internal static class SimulatedSound
{
    public static SoundProviders Of(SimulatedHouse house, TuttiConfiguration configuration, TimeProvider time) =>
        new([house.Outputs], [house.Sources, new FileSources(new MediaFolder(configuration.Audio.MediaDirectory).Open, time)], house.Microphone);
}
