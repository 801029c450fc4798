using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Playback;
using Gateway.Storage;
using Microsoft.Extensions.Logging;
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
        using var engine = new PlaybackEngine(new PlaybackOptions(), new SoundProviders([new BrokenPort()], [], null!), _store, TimeProvider.System, NullLogger<PlaybackEngine>.Instance);
        await engine.StartAsync(CancellationToken.None);
        var speaker = new PlaybackMember("bath", "Bath", new OutputRef("bluez", "bath", "bath"), 0);

        var first = await Assert.ThrowsAsync<InvalidOperationException>(() => engine.TestAsync(speaker, CancellationToken.None).WaitAsync(Patience.Hang));
        var second = await Assert.ThrowsAsync<PortException>(() => engine.UndoCalibrationAsync("party").WaitAsync(Patience.Hang)); // and the loop goes on

        Assert.Equal(("broken", "The group does not play."), (first.Message, second.Message));
        await engine.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_calibration_whose_group_is_switched_off_meanwhile_ends_and_nothing_is_done_to_what_is_no_more()
    {
        var (port, log) = (new RoomPort(), new Lines());
        using var engine = Calibrating(port, log);
        await engine.StartAsync(CancellationToken.None);
        engine.Play(s_party);
        var calibration = engine.CalibrateAsync("party", CancellationToken.None);
        await Eventually.TrueAsync("the microphone to be asked for", () => port.IsAsked);

        engine.Stop("party");
        await Eventually.TrueAsync("the group to be gone", () => engine.Current.Groups.Count == 0);
        port.Answers.Set();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calibration.WaitAsync(Patience.Hang));
        await Assert.ThrowsAsync<PortException>(() => engine.UndoCalibrationAsync("party").WaitAsync(Patience.Hang)); // all that was posted is worked off
        Assert.DoesNotContain(log.Told, line => line.Contains("measuring", StringComparison.Ordinal));
        await engine.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_calibration_whose_group_is_switched_off_before_it_has_begun_ends_by_that()
    {
        var (port, log) = (new RoomPort(), new Lines());
        using var engine = Calibrating(port, log);
        engine.Play(s_party);
        var calibration = engine.CalibrateAsync("party", CancellationToken.None);
        engine.Stop("party");

        await engine.StartAsync(CancellationToken.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calibration.WaitAsync(Patience.Hang));
        Assert.False(port.IsAsked);
        await engine.StopAsync(CancellationToken.None);
    }

    private static readonly PlaybackRequest s_party = new(
        "party", "Party", new SourceRef(SourceKind.Pipe, Abilities.TestSignal), null, false, [new PlaybackMember("bath", "Bath", new OutputRef("bluez", "bath", "bath"), 0)], []);

    private PlaybackEngine Calibrating(RoomPort port, ILogger<PlaybackEngine> log) =>
        new(new PlaybackOptions { Microphone = "room" }, new SoundProviders([port], [new FileSources(_ => throw new NotSupportedException(), TimeProvider.System)], port), _store, TimeProvider.System, log);

    /// <summary>A speaker, and a microphone that takes its time to open.</summary>
    private sealed class RoomPort : IOutputProvider, IMicrophone
    {
        public ManualResetEventSlim Answers { get; } = new();
        public bool IsAsked { get; private set; }

        public string Scheme => "bluez";
        public OutputsSnapshot Current => throw new NotSupportedException();

        public IAudioOutput Open(OutputRef output) => new ExactOutput(16_384, 0);

        public IAudioInput Open(string source)
        {
            IsAsked = true;
            Answers.Wait();
            return new Silence();
        }
    }

    private sealed class Silence : IAudioInput
    {
        public int SampleRate => 48_000;
        public int Channels => 1;
        public bool IsOpen => true;

        public int Read(Span<float> samples) => 0;

        public void Dispose()
        {
        }
    }

    private sealed class Lines : ILogger<PlaybackEngine>
    {
        private readonly ConcurrentQueue<string> _told = new();

        public IReadOnlyCollection<string> Told => _told;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _told.Enqueue(formatter(state, exception));
    }

    private sealed class BrokenPort : IOutputProvider
    {
        public string Scheme => "bluez";
        public OutputsSnapshot Current => throw new NotSupportedException();

        public IAudioOutput Open(OutputRef output) => throw new InvalidOperationException("broken");
    }
}
