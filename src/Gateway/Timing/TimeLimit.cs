namespace Gateway.Timing;

/// <summary>A limit of our own for work that may take too long.</summary>
internal static class TimeLimit
{
    /// <summary>Ends work that takes longer than <paramref name="most"/>, with the error that <paramref name="late"/> makes; the caller's cancellation stays one.</summary>
    public static async Task RunAsync(TimeSpan most, TimeProvider time, Func<CancellationToken, Task> work, Func<Exception> late, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(most, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var running = work(both.Token);
        await running.Ended();
        if (running.IsCanceled && limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested) throw late();
        await running;
    }
}
