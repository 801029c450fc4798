namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// One at a time; who waits longest goes first, but behind those who have not failed of late: each try for a speaker that is off takes 5 s, and must
/// not keep one that is on waiting. Any thread.
/// </summary>
internal sealed class TurnQueue
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, (long FailedAt, long Order)> _waiting = new();
    private long _order;
    private bool _taken;

    /// <summary>Ends when it is the caller's turn, who then has to <see cref="Release"/>.</summary>
    /// <param name="failedAt">When the last try failed (any clock that rises); 0: it worked, or there was none.</param>
    public async Task WaitAsync(long failedAt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_taken)
            {
                _taken = true;
                return;
            }

            _waiting.Enqueue(turn, (failedAt, _order++));
        }

        using var given = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task;
    }

    public void Release()
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out var next, out _))
            {
                if (next.TrySetResult()) return;
            }

            _taken = false;
        }
    }
}
