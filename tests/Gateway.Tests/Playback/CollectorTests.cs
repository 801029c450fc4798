using System.Runtime;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Playback;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Playback;

/// <summary>The collector's mode is the process's: these run beside no other engine.</summary>
[Collection("collector")]
public sealed class CollectorTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-collector-");
    private readonly Store _store;

    public CollectorTests() => _store = Store.Open(_data.FullName, TimeProvider.System);

    public void Dispose()
    {
        _store.Dispose();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task While_a_group_plays_no_collection_of_the_whole_heap_stops_the_audio_threads()
    {
        var files = new FileSources(_ => throw new NotSupportedException(), TimeProvider.System);
        using var engine = new PlaybackEngine(new PlaybackOptions(), new SoundProviders([], [files], null!), _store, TimeProvider.System, NullLogger<PlaybackEngine>.Instance);
        await engine.StartAsync(CancellationToken.None);

        engine.Play(new PlaybackRequest("party", "Party", new SourceRef(SourceKind.Pipe, Abilities.TestSignal), null, false, [], []));
        await Eventually.TrueAsync("the group to play", () => engine.Current.Groups.Count == 1);
        Assert.Equal(GCLatencyMode.SustainedLowLatency, GCSettings.LatencyMode);

        engine.Stop("party");
        await Eventually.TrueAsync("the group to be gone", () => engine.Current.Groups.Count == 0);
        Assert.Equal(GCLatencyMode.Interactive, GCSettings.LatencyMode);
        await engine.StopAsync(CancellationToken.None);
    }
}

[CollectionDefinition("collector", DisableParallelization = true)]
public sealed class CollectorRuns;
