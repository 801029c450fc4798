using Gateway.Engine.Ports;
using Gateway.Timing;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>The view that is published: the service's loop publishes, anyone reads it and waits for what it shall show.</summary>
internal sealed class BlueZViews(TimeProvider time)
{
    /// <summary>After BlueZ said yes, its signals need a moment to say the same.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(8);

    private BlueZView _latest = BlueZView.Nothing(BluetoothSnapshot.Empty with { Problem = "Bluetooth has not answered yet." });

    public BlueZView Latest => Volatile.Read(ref _latest);

    /// <summary>Also when only transports changed. On the loop; handlers only hand over.</summary>
    public event Action<BlueZView>? Changed;

    /// <summary>The same, where what everybody sees has changed.</summary>
    public event Action<BluetoothSnapshot>? SnapshotChanged;

    public void Publish(BlueZView view)
    {
        var before = Latest;
        var same = view.SameAs(before);
        if (same && view.SameObjects(before)) return;
        Volatile.Write(ref _latest, view);
        Changed?.Invoke(view);
        if (!same) SnapshotChanged?.Invoke(view.Snapshot);
    }

    /// <summary>Waits until it is so; a refusal where that takes longer than <paramref name="limit"/>.</summary>
    /// <param name="what">What was tried, beginning a sentence.</param>
    public async Task<CallOutcome> WaitAsync(Func<bool> reached, string what, TimeSpan limit, CancellationToken cancellationToken) =>
        await ReachedAsync(reached, limit, cancellationToken) ? CallOutcome.Done : CallOutcome.Refused(BlueZErrors.TimedOut(what, limit));

    /// <summary>The same; false: not within the limit.</summary>
    public async Task<bool> ReachedAsync(Func<bool> reached, TimeSpan limit, CancellationToken cancellationToken)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(BlueZView _)
        {
            if (reached()) signal.TrySetResult();
        }

        Changed += Check;
        try
        {
            Check(Latest);
            await signal.Task.WaitAsync(limit, time, cancellationToken).Ended();
            var isReached = signal.Task.IsCompleted;
            if (!isReached) cancellationToken.ThrowIfCancellationRequested();
            return isReached;
        }
        finally
        {
            Changed -= Check;
        }
    }
}
