using Gateway.Timing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Timing;

public sealed class TimeLimitTests
{
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Work_that_takes_too_long_ends_with_the_error_of_the_limit()
    {
        var work = RunAsync(token => Task.Delay(Timeout.InfiniteTimeSpan, _time, token), CancellationToken.None);
        _time.Advance(s_most);

        await Assert.ThrowsAsync<TimeoutException>(() => work);
    }

    [Fact]
    public async Task A_caller_that_gives_up_sees_no_limit()
    {
        using var gone = new CancellationTokenSource();
        var work = RunAsync(token => Task.Delay(Timeout.InfiniteTimeSpan, _time, token), gone.Token);

        await gone.CancelAsync();
        _time.Advance(s_most);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }

    [Fact]
    public async Task What_ends_in_time_ends_as_it_is()
    {
        await RunAsync(_ => Task.CompletedTask, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(_ => Task.FromException(new InvalidOperationException()), CancellationToken.None));
    }

    private Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) =>
        TimeLimit.RunAsync(s_most, _time, work, () => new TimeoutException(), cancellationToken);
}
