using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Playback;
using Gateway.Playback.Calibration;
using Gateway.Playback.KeepAwake;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Playback;

/// <summary>What one speaker, one source or one thread of a group can do to the others: nothing.</summary>
public sealed class GroupSessionTests : IDisposable
{
    private static readonly PlaybackMember s_bath = new("bath", "Bath", At("00:AA:77:00:00:01"), 0);
    private static readonly PlaybackMember s_loft = new("loft", "Loft", At("00:AA:77:00:00:02"), 0);
    private readonly BreakingTime _time = new();
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-session-");
    private readonly Port _port = new();
    private readonly List<PlaybackEvent> _events = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly ManualResetEventSlim _disk = new();
    private readonly Store _store;

    public GroupSessionTests() => _store = Store.Open(_data.FullName, TimeProvider.System);

    public void Dispose()
    {
        _disk.Set();
        _store.Dispose();
        _data.Delete(recursive: true);
    }

    [Fact]
    public void A_speaker_whose_output_breaks_again_and_again_is_opened_ever_less_often_says_why_and_the_other_plays_on()
    {
        _port.BreaksFor(s_bath);
        using var session = Begin(s_bath, s_loft);

        for (var tick = 0; tick < 1200; tick++) Tick(session); // two minutes

        var (bath, loft) = (_port.OpenedFor(s_bath), _port.OpenedFor(s_loft));
        Assert.InRange(bath.Count, 5, 10);
        Assert.True(Assert.Single(loft).IsOpen);
        Assert.Equal("The sound to Bath ended by an internal fault; the log has it.", session.Shown.Problems["bath"]);
        Assert.Equal((PlaybackEventKind.Problem, "bath"), _events.Where(e => e.Kind == PlaybackEventKind.Problem).Select(e => (e.Kind, e.Speaker)).Single());
        Assert.False(session.Player.HasFailed);
    }

    [Fact]
    public void An_output_whose_opening_is_a_fault_says_so_is_tried_ever_less_often_and_holds_up_no_other()
    {
        _port.OpeningBreaksFor = s_bath.Output;
        using var session = Begin(s_bath, s_loft);

        for (var tick = 0; tick < 1200; tick++) Tick(session); // two minutes

        Assert.True(Assert.Single(_port.OpenedFor(s_loft)).IsOpen);
        Assert.Equal("The sound to Bath ended by an internal fault; the log has it.", session.Shown.Problems["bath"]);
        Assert.Equal((PlaybackEventKind.Problem, "bath"), _events.Select(e => (e.Kind, e.Speaker)).Single());
        Assert.InRange(_port.Refused, 5, 10);
    }

    [Fact]
    public void An_output_that_no_lane_can_be_made_for_is_closed_and_had_again_when_it_is_well()
    {
        _port.SampleRate = 0;
        using var session = Begin(s_bath);
        Assert.True(Assert.Single(_port.OpenedFor(s_bath)).IsDisposed);
        _port.SampleRate = 48_000;

        for (var tick = 0; tick < 20; tick++) Tick(session);

        Assert.Equal([true, false], _port.OpenedFor(s_bath).Select(o => o.IsDisposed));
        Assert.Contains("bath", session.Shown.Sounding.Keys);
    }

    [Fact]
    public void A_new_link_is_tried_at_once_and_what_was_said_of_the_old_one_is_forgotten()
    {
        _port.BreaksFor(s_bath);
        using var session = Begin(s_bath);
        for (var tick = 0; tick < 600; tick++) Tick(session);
        var before = _port.OpenedFor(s_bath).Count;
        _port.Broken.Clear();

        session.Apply(session.Request with { Members = [s_bath with { LinkedAt = _time.Now() }] });

        Assert.Equal(before + 1, _port.OpenedFor(s_bath).Count);
        Assert.Empty(session.Shown.Problems);
    }

    [Fact]
    public void What_an_output_says_of_its_end_is_shown()
    {
        using var session = Begin(s_bath);
        _port.OpenedFor(s_bath).Single().EndsWith("The stream to Bath could not be opened: its packets are too small.");

        Tick(session);

        Assert.Equal("The stream to Bath could not be opened: its packets are too small.", session.Shown.Problems["bath"]);
    }

    [Fact]
    public void A_source_that_breaks_is_closed_told_and_opened_again_and_the_speakers_stay()
    {
        _port.SourceBreaks = true;
        using var session = Begin(s_bath);
        Eventually.True("the fault", () => session.Player.SourceFault is not null);

        Tick(session);
        Assert.StartsWith("the way from its source ended by an internal fault", session.Shown.SourceProblem, StringComparison.Ordinal);
        _port.SourceBreaks = false;
        for (var tick = 0; tick < 20; tick++) Tick(session);

        Assert.True(_port.OpenedFor(s_bath).Single().IsOpen);
        Assert.Equal((null, 2), (session.Player.SourceFault, _port.Sources));
        Assert.False(session.Player.HasFailed);
    }

    [Fact]
    public void A_disk_that_does_not_answer_holds_up_nothing_and_what_comes_from_it_too_late_is_not_played()
    {
        using var session = Begin(s_bath);
        session.Apply(session.Request with { Source = new SourceRef(SourceKind.File, "slow.wav") });
        for (var tick = 0; tick < 20; tick++) Tick(session);
        Assert.Equal((SourceFlow.Closed, null), (session.Shown.Source, session.Shown.SourceProblem)); // it opens in a moment

        session.Apply(session.Request with { Source = new SourceRef(SourceKind.Pipe, Abilities.TestSignal) });
        _disk.Set();
        Eventually.True("the file to come", () => !_posted.IsEmpty);
        Tick(session);

        Assert.NotEqual(SourceFlow.Closed, session.Shown.Source);
        Assert.Null(session.Shown.SourceProblem);
    }

    [Fact]
    public void A_file_that_cannot_be_had_is_told_at_the_next_tick_and_tried_again()
    {
        using var session = Begin(s_bath);
        _disk.Set();
        session.Apply(session.Request with { Source = new SourceRef(SourceKind.File, "missing.wav") });
        Eventually.True("the answer, which may have come at once", () => !_posted.IsEmpty || session.Shown.SourceProblem is not null);

        Tick(session);

        Assert.Equal("There is no file missing.wav that may be played. Put it there.", session.Shown.SourceProblem);
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle OpenFile(string path)
    {
        _disk.Wait();
        throw new PortException(PortError.NotReachable, $"There is no file {path} that may be played.", "Put it there.");
    }

    [Fact]
    public void An_audio_thread_that_ends_is_told_and_replaced_and_everything_on_it_is_opened_anew()
    {
        using var session = Begin(s_bath, s_loft);
        var former = session.Player;
        _time.BreaksFor = "audio party";
        Eventually.True("the end of the thread", () => former.HasFailed);
        _time.BreaksFor = null;

        Tick(session);
        Assert.Equal("its audio thread ended by an internal fault; the log has it.", session.Shown.SourceProblem);
        for (var tick = 0; tick < 20; tick++) Tick(session);

        Assert.False(session.Player.HasFailed);
        Assert.NotSame(former, session.Player);
        Assert.Equal([true, false, true, false], new[] { s_bath, s_loft }.SelectMany(m => _port.OpenedFor(m)).Select(o => o.IsDisposed));
        Assert.Equal((null, 2), (session.Shown.SourceProblem, _port.Sources));
        Assert.Single(_events, e => e.Kind == PlaybackEventKind.Problem);
    }

    private static OutputRef At(string address) => new(BluetoothLinks.Scheme, BluetoothLinks.KeyOf("00:AA:01:00:00:01", address), "00:AA:01:00:00:01|SBC|own");

    private GroupSession Begin(params PlaybackMember[] members)
    {
        var request = new PlaybackRequest("party", "Party", new SourceRef(SourceKind.Phone, "00:AA:77:00:00:09"), "00:AA:01:00:00:01/00:AA:77:00:00:09", false, members, []);
        var sound = new SoundProviders([_port], [_port, new FileSources(OpenFile, _time)], null!);
        var session = new GroupSession(
            request, new PlaybackParts(sound, new SpeakerOutputs(sound, _time, NullLogger.Instance), new LatencyStore(_store, NullLogger.Instance), _time, NullLogger.Instance), null, _events.Add, _posted.Enqueue);
        session.Apply(request);
        return session;
    }

    private void Tick(GroupSession session)
    {
        // The audio thread is a real one: it has met what breaks before the next tick of the simulated time.
        Eventually.True("what breaks to have broken", () => _port.All.Where(o => o.Breaks && !o.IsDisposed).All(o => o.HasBroken));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        while (_posted.TryDequeue(out var work)) work();
        session.Tick();
    }

    /// <summary>A clock that is a fault for one thread.</summary>
    private sealed class BreakingTime : FakeTimeProvider
    {
        public volatile string? BreaksFor;

        public override long GetTimestamp() => Thread.CurrentThread.Name is { } name && name == BreaksFor ? throw new InvalidOperationException("broken") : base.GetTimestamp();
    }

    private sealed class Port : IOutputProvider, ISourceProvider
    {
        public ConcurrentBag<string> Broken { get; } = [];
        public List<Output> All { get; } = [];
        public bool SourceBreaks { get; set; }
        public OutputRef? OpeningBreaksFor { get; set; }
        public int Refused { get; private set; }
        public int SampleRate { get; set; } = 48_000;
        public int Sources { get; private set; }

        public void BreaksFor(PlaybackMember member) => Broken.Add(member.Output.Key);

        public List<Output> OpenedFor(PlaybackMember member) => [.. All.Where(o => o.Device == member.Output.Key)];

        public string Scheme => BluetoothLinks.Scheme;
        public OutputsSnapshot Current => throw new NotSupportedException();

        public IAudioOutput Open(OutputRef place)
        {
            if (place == OpeningBreaksFor)
            {
                Refused++;
                throw new InvalidOperationException("broken");
            }

            var output = new Output(place.Key, Broken.Contains(place.Key)) { SampleRate = SampleRate };
            All.Add(output);
            return output;
        }

        public bool Takes(SourceRef source) => BluetoothLinks.Carries(source);

        public Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken)
        {
            Sources++;
            return Task.FromResult<IAudioInput>(new Input(SourceBreaks));
        }
    }

    private sealed class Output(string device, bool breaks) : IAudioOutput
    {
        private volatile bool _broken;
        private volatile string? _problem;

        public string Device => device;
        public bool Breaks => breaks;
        public bool HasBroken => _broken;
        public bool IsDisposed { get; private set; }
        public int SampleRate { get; init; }
        public bool LatencyVisible => false;
        public double? DeclaredLatencyMs => null;
        public int FreeFrames => 16_384;
        public bool IsOpen => !IsDisposed && _problem is null;
        public string? Problem => _problem;

        public void EndsWith(string problem) => _problem = problem;

        public int Write(ReadOnlySpan<float> stereo)
        {
            if (!breaks) return stereo.Length / 2;
            _broken = true;
            throw new InvalidOperationException("broken");
        }

        public bool TryReadClock(out OutputClock clock)
        {
            clock = default;
            return false;
        }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Input(bool breaks) : IAudioInput
    {
        public int SampleRate => 48_000;
        public int Channels => 2;
        public bool IsOpen => true;

        public int Read(Span<float> samples) => breaks ? throw new InvalidOperationException("broken") : 0;

        public void Dispose()
        {
        }
    }
}
