using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>
/// A command on its way: ends after a drawn time, earlier by <see cref="Fail"/> or by the caller's cancellation. All
/// members but <see cref="Done"/> are used under the world's gate.
/// </summary>
internal sealed class Operation
{
    private readonly World _world;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;
    private readonly IDisposable _timer;
    private readonly Action _undo;
    private bool _ended;

    /// <param name="finish">Runs when the time is over; a <see cref="PortException"/> from it is the answer.</param>
    /// <param name="undo">Runs when the command ends in any other way than by <paramref name="finish"/>'s success.</param>
    public Operation(World world, TimeSpan duration, Action finish, Action undo, CancellationToken cancellationToken)
    {
        _world = world;
        _undo = undo;
        world.Operations.Add(this);
        _timer = world.After(duration, () => Finish(finish));
        // A token that is cancelled already runs the callback here and now; the gate is re-entrant.
        _registration = cancellationToken.UnsafeRegister((_, token) => _world.Do(() => Cancel(token)), null);
        if (_ended) _registration.Unregister();
    }

    public Task Done => _done.Task;

    public void Fail(PortException why) => End(() => _done.TrySetException(why));

    private void Cancel(CancellationToken token) => End(() => _done.TrySetCanceled(token));

    private void Finish(Action finish)
    {
        if (_ended) return;
        try
        {
            finish();
            Over();
            _registration.Unregister();
            _world.Answer(() => _done.TrySetResult());
        }
        catch (PortException why)
        {
            Fail(why);
        }
    }

    private void End(Action complete)
    {
        if (_ended) return;
        Over();
        _registration.Unregister(); // Dispose would wait for a callback that may wait for the gate
        _timer.Dispose();
        _undo();
        _world.Answer(complete);
    }

    private void Over()
    {
        _ended = true;
        _world.Operations.Remove(this);
    }
}
