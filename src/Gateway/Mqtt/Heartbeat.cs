using Gateway.Timing;

namespace Gateway.Mqtt;

/// <summary>
/// Asks the broker now and then whether it is there (PINGREQ), and knows when it says nothing any more, neither to that nor anything else. The library asks only
/// when nothing was sent for the whole keep-alive, by the wall's clock, and waits for the acknowledgement of a message for as long as it takes: a frozen broker
/// would be noticed late, or never where something is sent all the time.
/// </summary>
/// <param name="beat">How often it is asked.</param>
/// <param name="patience">How long it may be silent when it is asked.</param>
internal sealed class Heartbeat(TimeSpan beat, TimeSpan patience, TimeProvider time)
{
    private volatile bool _heard;

    /// <summary>Something came from the broker. From any thread.</summary>
    public void Heard() => _heard = true;

    /// <summary>
    /// Returns when the broker is silent. Counts its looks and not the clock: where this process stood still (suspended, no processor), the answer may lie there unread.
    /// </summary>
    public async Task SilenceAsync(Func<CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        var most = (int)Math.Ceiling(patience / beat);
        var answer = Task.CompletedTask;
        for (var silent = 0; silent < most;)
        {
            await Task.Delay(beat, time, cancellationToken);
            silent = _heard || answer.IsCompleted ? 0 : silent + 1;
            _heard = false;
            if (!answer.IsCompleted) continue;
            await answer.Ended(); // a connection that has ended says so itself
            answer = ask(cancellationToken);
        }
    }
}
