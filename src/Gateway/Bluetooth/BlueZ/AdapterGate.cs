using Gateway.Timing;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// What must not happen at once on one adapter: connects and pairings go one after the other (BlueZ and many controllers page one device at a
/// time), and a search rests while they run. A search lasts as long as anybody wants it. Any thread.
/// </summary>
internal sealed class AdapterGate(BlueZBus bus, string path, string name, TimeProvider time) : IDisposable
{
    /// <summary>A search forgotten in a dashboard shall not disturb the music all day.</summary>
    public static readonly TimeSpan UserSearchLimit = TimeSpan.FromMinutes(2);

    private readonly TurnQueue _links = new();
    private readonly SemaphoreSlim _search = new(1, 1);

    // Touched only by who holds the search.
    private int _wanted;
    private ITimer? _userSearch; // its limit; null: the user's switch is off
    private bool _searching;
    private bool _paused;

    /// <summary>Runs a connect or a pairing when it is its turn (<paramref name="failedAt"/> as <see cref="TurnQueue.WaitAsync"/> has it).</summary>
    public async Task RunAsync(Func<Task> action, CancellationToken cancellationToken, long failedAt = 0)
    {
        await _links.WaitAsync(failedAt, cancellationToken);
        try
        {
            await SetPausedAsync(true, cancellationToken);
            await action();
        }
        finally
        {
            // The search goes on, whatever became of the action.
            await SetPausedAsync(false, CancellationToken.None);
            _links.Release();
        }
    }

    /// <summary>One more who wants the search; undo with <see cref="StopAsync"/>.</summary>
    public Task<CallOutcome> StartAsync(CancellationToken cancellationToken) => ChangeAsync(() => _wanted++, () => _wanted--, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => ChangeAsync(() => _wanted--, null, cancellationToken);

    /// <summary>The user's switch: counts once, and ends by itself.</summary>
    public Task<CallOutcome> SetUserSearchAsync(bool on, CancellationToken cancellationToken) => ChangeAsync(() => SwitchUserSearch(on), on ? () => SwitchUserSearch(false) : null, cancellationToken);

    /// <summary>The adapter was switched off or on: BlueZ ends every search with the power, and a search that is still wanted begins anew with it.</summary>
    public async Task PowerChangedAsync(bool powered)
    {
        await _search.WaitAsync();
        try
        {
            if (!powered) _searching = false;
            else await ApplyAsync(CancellationToken.None); // if it fails, the next caller that wants the search starts it
        }
        finally
        {
            _search.Release();
        }
    }

    public void Dispose() => _userSearch?.Dispose();

    private void SwitchUserSearch(bool on)
    {
        _userSearch?.Dispose();
        _userSearch = null;
        if (!on) return;
        ITimer? mine = null;
        mine = _userSearch = time.CreateTimer(_ => _ = EndUserSearchAsync(mine!), null, UserSearchLimit, Timeout.InfiniteTimeSpan);
    }

    private Task EndUserSearchAsync(ITimer mine) => ChangeAsync(
        () =>
        {
            if (_userSearch == mine) SwitchUserSearch(false); // else it was switched anew meanwhile
        },
        null, CancellationToken.None);

    private Task<CallOutcome> SetPausedAsync(bool paused, CancellationToken cancellationToken) => ChangeAsync(() => _paused = paused, null, cancellationToken);

    /// <summary>Changes who wants the search, and starts or ends it accordingly. One change at a time: a later one meets what became of the earlier.</summary>
    /// <param name="undo">Runs if the search cannot start, so that nobody ends what did not begin. Null: the change stands all the same.</param>
    private async Task<CallOutcome> ChangeAsync(Action change, Action? undo, CancellationToken cancellationToken)
    {
        await _search.WaitAsync(cancellationToken);
        try
        {
            change();
            var applying = ApplyAsync(cancellationToken);
            await ((Task)applying).Ended();
            if (undo is not null && applying.IsCanceled)
            {
                undo();
                _searching = !IsWanted; // BlueZ was asked, and may have begun or not: it is told anew
                await ApplyAsync(CancellationToken.None);
            }

            var end = await applying;
            if (!end.IsDone) undo?.Invoke();
            return end;
        }
        finally
        {
            _search.Release();
        }
    }

    private bool IsWanted => (_wanted > 0 || _userSearch is not null) && !_paused;

    private async Task<CallOutcome> ApplyAsync(CancellationToken cancellationToken)
    {
        if (IsWanted == _searching) return CallOutcome.Done;
        if (!_searching)
        {
            var end = await bus.SetDiscoveryFilterAsync(path, cancellationToken);
            if (!end.IsDone) return end;
            end = await bus.CallAsync(path, BlueZNames.Adapter, "StartDiscovery", $"Searching on {name}", BlueZBus.Short, cancellationToken);
            _searching = end.IsDone || end.Reason == CallReason.InProgress;
            return _searching ? CallOutcome.Done : end;
        }

        _searching = false;
        // If it fails, the search has ended by itself: the adapter was switched off, or unplugged.
        await bus.CallAsync(path, BlueZNames.Adapter, "StopDiscovery", $"Ending the search on {name}", BlueZBus.Short, cancellationToken);
        return CallOutcome.Done;
    }
}
