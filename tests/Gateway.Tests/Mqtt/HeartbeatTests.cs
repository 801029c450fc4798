using Gateway.Mqtt;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Mqtt;

public sealed class HeartbeatTests
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly Heartbeat _heartbeat;
    private int _asked;
    private Func<CancellationToken, Task> _broker = _ => Task.CompletedTask;

    public HeartbeatTests()
    {
        SynchronizationContext.SetSynchronizationContext(null); // what waits for the time goes on within Advance
        _heartbeat = new Heartbeat(s_beat, patience: TimeSpan.FromSeconds(10), _time);
    }

    [Fact]
    public void A_broker_that_answers_is_asked_every_five_seconds()
    {
        var silence = Watch();

        for (var beat = 0; beat < 100; beat++) _time.Advance(s_beat);

        Assert.False(silence.IsCompleted);
        Assert.Equal(100, _asked);
    }

    [Fact]
    public void A_broker_that_froze_is_noticed_fifteen_seconds_later()
    {
        _broker = Forever;
        var silence = Watch();

        _time.Advance(s_beat);
        _time.Advance(s_beat);
        Assert.False(silence.IsCompleted);
        _time.Advance(s_beat);

        Assert.True(silence.IsCompletedSuccessfully);
        Assert.Equal(1, _asked);
    }

    /// <summary>Behind a whole house on a slow wire the answer takes minutes.</summary>
    [Fact]
    public void A_broker_that_still_acknowledges_is_there()
    {
        _broker = Forever;
        var silence = Watch();

        for (var beat = 0; beat < 100; beat++)
        {
            _time.Advance(s_beat);
            _heartbeat.Heard();
        }

        Assert.False(silence.IsCompleted);
    }

    [Fact]
    public void Minutes_in_which_this_process_stood_still_are_no_silence_of_the_broker()
    {
        var answer = new TaskCompletionSource();
        _broker = _ => answer.Task;
        var silence = Watch();
        _time.Advance(s_beat);

        _time.Advance(TimeSpan.FromMinutes(10));
        answer.SetResult(); // it lay there unread
        _time.Advance(s_beat);

        Assert.False(silence.IsCompleted);
    }

    [Fact]
    public void A_connection_that_ended_is_left_to_say_so_itself()
    {
        _broker = _ => Task.FromException(new InvalidOperationException());
        var silence = Watch();

        for (var beat = 0; beat < 10; beat++) _time.Advance(s_beat);

        Assert.False(silence.IsCompleted);
    }

    private Task Watch() => _heartbeat.SilenceAsync(token =>
    {
        _asked++;
        return _broker(token);
    }, CancellationToken.None);

    private static Task Forever(CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, token);
}
