using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Playback;
using Gateway.Simulation;

namespace Gateway.Tests.Reconciler;

/// <summary>The sound of a simulated house, as the program puts it together.</summary>
internal static class SimulatedSound
{
    public static SoundProviders Of(SimulatedHouse house, TuttiConfiguration configuration, TimeProvider time) =>
        new([house.Outputs], [house.Sources, new StillSources(new FileSources(new MediaFolder(configuration.Audio.MediaDirectory).Open, time))], house.Microphone);

    /// <summary>Whoever opens a file waits for the disk: so the house's time stands meanwhile.</summary>
    private sealed class StillSources(ISourceProvider inner) : ISourceProvider
    {
        public bool Takes(SourceRef source) => inner.Takes(source);

        public Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken)
        {
            var opened = Task.Run(() => inner.OpenAsync(opening, cancellationToken), CancellationToken.None);
            ((IAsyncResult)opened).AsyncWaitHandle.WaitOne();
            return opened;
        }
    }
}
