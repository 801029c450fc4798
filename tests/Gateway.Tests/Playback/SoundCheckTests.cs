using Gateway.Engine.Ports;
using Gateway.Playback;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Playback;

/// <summary>"Heard" is said on the evidence of sound, and of nothing else.</summary>
public sealed class SoundCheckTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, -3.0)]
    [InlineData(0.1, -23.0)]
    [InlineData(0.002, -57.0)]
    public async Task The_level_of_what_arrives_is_told(double amplitude, double dbfs)
    {
        var level = await HearAsync(new Source(_time, _ => amplitude));

        Assert.Equal(dbfs, level!.Value, 0.1);
    }

    [Theory]
    [InlineData(0)] // an Echo that believes that it plays
    [InlineData(0.0005)] // the noise of a converter
    public async Task Silence_is_not_heard_however_many_packets_bring_it(double amplitude) => Assert.Null(await HearAsync(new Source(_time, _ => amplitude)));

    [Fact]
    public async Task Nothing_that_arrives_is_nothing_heard()
    {
        var source = new Source(_time, _ => null);

        Assert.Null(await HearAsync(source));
        Assert.InRange(_time.GetUtcNow() - source.Since, s_patience, s_patience + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Music_that_begins_late_is_heard_when_it_begins()
    {
        var source = new Source(_time, at => at < TimeSpan.FromSeconds(6) ? 0 : 0.1);

        var level = await HearAsync(source);

        Assert.InRange(level!.Value, -40, -22); // the half second in which it began holds some silence
        Assert.InRange(_time.GetUtcNow() - source.Since, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(7.1));
    }

    [Fact]
    public async Task A_link_that_ends_is_nothing_heard_at_once()
    {
        var source = new Source(_time, _ => 0) { IsOpen = false };

        Assert.Null(await HearAsync(source));
        Assert.Equal(source.Since, _time.GetUtcNow());
    }

    private async Task<double?> HearAsync(Source source)
    {
        // Without a context to go back to, the check goes on within the step that moves its clock: none runs ahead of it.
        SynchronizationContext.SetSynchronizationContext(null);
        var check = SoundCheck.LevelAsync(source, s_patience, _time, CancellationToken.None);
        for (var i = 0; i < 1_000 && !check.IsCompleted; i++) _time.Advance(TimeSpan.FromMilliseconds(20));
        return await check.WaitAsync(Patience.Hang);
    }

    /// <summary>A sine as it arrives by its own clock.</summary>
    /// <param name="amplitude">By the time since it began; null: nothing arrives.</param>
    private sealed class Source(TimeProvider time, Func<TimeSpan, double?> amplitude) : IAudioInput
    {
        private long _read;

        public DateTimeOffset Since { get; } = time.GetUtcNow();
        public int SampleRate => 48_000;
        public int Channels => 2;
        public bool IsOpen { get; init; } = true;

        public int Read(Span<float> samples)
        {
            var there = (long)((time.GetUtcNow() - Since).TotalSeconds * SampleRate) - _read;
            var frames = (int)Math.Min(samples.Length / 2, there);
            for (var i = 0; i < frames; i++)
            {
                if (amplitude(TimeSpan.FromSeconds((_read + i) / (double)SampleRate)) is not { } peak) return 0;
                samples[2 * i] = samples[(2 * i) + 1] = (float)(peak * Math.Sin(2 * Math.PI * (_read + i) / 48));
            }

            _read += frames;
            return frames;
        }

        public void Dispose()
        {
        }
    }
}
