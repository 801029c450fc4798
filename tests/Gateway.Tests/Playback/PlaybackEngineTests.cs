using Gateway.Engine.Ports;
using Gateway.Playback;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Playback;

public sealed class PlaybackEngineTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-engine-");
    private readonly Store _store;

    public PlaybackEngineTests() => _store = Store.Open(_data.FullName, TimeProvider.System);

    public void Dispose()
    {
        _store.Dispose();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task Whatever_becomes_of_what_was_asked_of_the_loop_whoever_asked_is_told()
    {
        using var engine = new PlaybackEngine(new PlaybackOptions(), new BrokenPort(), _store, TimeProvider.System, NullLogger<PlaybackEngine>.Instance);
        await engine.StartAsync(CancellationToken.None);
        var speaker = new PlaybackMember("bath", "Bath", "00:AA:01:00:00:01", "00:AA:77:00:00:01", "SBC", 0);

        var first = await Assert.ThrowsAsync<InvalidOperationException>(() => engine.TestAsync(speaker, CancellationToken.None).WaitAsync(Patience.Hang));
        var second = await Assert.ThrowsAsync<PortException>(() => engine.UndoCalibrationAsync("party").WaitAsync(Patience.Hang)); // and the loop goes on

        Assert.Equal(("broken", "The group does not play."), (first.Message, second.Message));
        await engine.StopAsync(CancellationToken.None);
    }

    private sealed class BrokenPort : IAudioPort
    {
        public IAudioOutput OpenOutput(string adapter, string device) => throw new InvalidOperationException("broken");

        public IAudioInput OpenReceiver(string adapter, string device) => throw new InvalidOperationException("broken");

        public IAudioInput OpenMicrophone(string source) => throw new InvalidOperationException("broken");
    }
}
