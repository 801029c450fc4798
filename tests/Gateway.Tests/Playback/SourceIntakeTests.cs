using Gateway.Engine.Ports;
using Gateway.Playback.Audio;

namespace Gateway.Tests.Playback;

/// <summary>A source with a clock of its own, taken onto the host's timeline.</summary>
public sealed class SourceIntakeTests : IDisposable
{
    private readonly Timeline _timeline = new();
    private readonly ClockedSource _source;
    private readonly SourceIntake _intake;
    private long _now;

    public SourceIntakeTests()
    {
        _source = new ClockedSource(ppm: 100);
        _intake = new SourceIntake(_source, _timeline);
    }

    public void Dispose() => _source.Dispose();

    [Fact]
    public void A_fast_source_is_followed_without_a_gap_or_a_growing_backlog()
    {
        Run(60);

        var last = Read(_timeline.End - 48_000, 48_000);
        Assert.DoesNotContain(0f, last);
        // The ramp's slope is the rate at which the source's frames pass: 100 ppm more than the host's.
        Assert.InRange(((last[^1] - last[0]) / ClockedSource.PerFrame / 47_999) - 1, 50e-6, 150e-6);
        Assert.InRange(_source.Position - (last[^1] / ClockedSource.PerFrame), 1200, 2900); // 40 ms, and what the filter looks ahead
    }

    [Fact]
    public void What_does_not_come_is_silence_and_moves_nothing_that_follows()
    {
        Run(10);
        var lag = Lag();

        _source.Hold(0.5);
        Run(5);

        Assert.InRange(Lag() - lag, -480, 480); // 10 ms
        Assert.Contains(Read(_timeline.End - (5 * 48_000), 48_000), sample => sample == 0);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.8)]
    public void Pieces_of_20_ms_and_a_burst_at_the_start_leave_no_gap_and_no_more_delay_than_others(double burst)
    {
        _source.PieceFrames = 960;
        _now = (long)(burst * 1e9); // what came before anybody read
        _timeline.WriteSilence((int)(burst * 48_000));
        Run(60);

        Assert.DoesNotContain(0f, Read(_timeline.End - (5 * 48_000), 5 * 48_000));
        Assert.InRange(Lag(), 1200, 2900 + 960);
    }

    [Fact]
    public void A_source_that_gains_a_frame_while_it_is_asked_does_not_keep_the_audio_thread()
    {
        Run(1);
        var asked = _source.Asked;
        _source.NanosecondsPerQuestion = 30_000; // a system call in an emulated machine, longer than a frame

        Run(0.005);

        Assert.InRange(_source.Asked - asked, 1, 3);
    }

    [Fact]
    public void What_comes_is_known_from_what_came()
    {
        _source.Hold(1.01);
        Run(1);
        Assert.Equal((false, 1.0), (_intake.HasCome, Math.Round(_intake.QuietFrames / 48_000.0, 1)));

        Run(1);
        Assert.Equal((true, 0, 0), (_intake.HasCome, _intake.QuietFrames, _intake.InaudibleFrames));

        _source.IsSilent = true;
        Run(2);
        Assert.Equal((0, 2.0), (_intake.QuietFrames, Math.Round(_intake.InaudibleFrames / 48_000.0, 1)));

        _source.Hold(4.01);
        Run(4);
        Assert.Equal((4.0, 6.0), (Math.Round(_intake.QuietFrames / 48_000.0, 1), Math.Round(_intake.InaudibleFrames / 48_000.0, 1)));
    }

    /// <summary>How far the newest on the timeline is behind what the source plays now, in its frames.</summary>
    private double Lag() => _source.Position - (Read(_timeline.End - 1, 1)[0] / ClockedSource.PerFrame);

    private void Run(double seconds)
    {
        for (var i = 0; i < seconds * 200; i++)
        {
            _now += 5_000_000;
            _source.Now = _now;
            _intake.Run(_now * 48 / 1_000_000, TimeSpan.FromTicks(_now / 100));
        }
    }

    private float[] Read(long position, int frames)
    {
        var stereo = new float[2 * frames];
        _timeline.Read(position, stereo);
        return [.. Enumerable.Range(0, frames).Select(i => stereo[2 * i])];
    }

    /// <summary>Its sample at a position is the position: a ramp.</summary>
    private sealed class ClockedSource(double ppm) : IAudioInput
    {
        public const double PerFrame = 1e-6;
        private long _read;
        private double _lostUntil;

        public long Now { get; set; }
        public long Position => (long)(Now * 48e-6 * (1 + (ppm * 1e-6)));
        public int SampleRate => 48_000;
        public int Channels => 1;
        public bool IsOpen => true;

        /// <summary>Nothing arrives for so long, and what should have is lost.</summary>
        public void Hold(double seconds) => _lostUntil = Now + (seconds * 1e9);

        /// <summary>It plays on, and gives digital silence.</summary>
        public bool IsSilent { get; set; }

        /// <summary>It comes by so many frames at once.</summary>
        public int PieceFrames { get; set; } = 1;

        public int Asked { get; private set; }

        public long NanosecondsPerQuestion { get; set; }

        public int Read(Span<float> samples)
        {
            Asked++;
            Now += NanosecondsPerQuestion;
            if (Now < _lostUntil)
            {
                _read = Position;
                return 0;
            }

            var frames = (int)Math.Min(samples.Length, (Position / PieceFrames * PieceFrames) - _read);
            for (var i = 0; i < frames; i++) samples[i] = IsSilent ? 0 : (float)((_read + i + 1) * PerFrame);
            _read += frames;
            return frames;
        }

        public void Dispose()
        {
        }
    }
}
