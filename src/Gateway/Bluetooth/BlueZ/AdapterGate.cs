using Gateway.Engine.Ports;

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
    private int _wanted;
    private bool _searching;
    private bool _paused;
    private CancellationTokenSource? _userSearch;

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
            // The search goes on whatever became of the action; a bus that is gone has no search.
            try
            {
                await SetPausedAsync(false, CancellationToken.None);
            }
            catch (PortException)
            {
            }

            _links.Release();
        }
    }

    /// <summary>One more who wants the search; undo with <see cref="StopAsync"/>.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => ChangeAsync(+1, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => ChangeAsync(-1, cancellationToken);

    /// <summary>The user's switch: counts once, and ends by itself.</summary>
    public async Task SetUserSearchAsync(bool on, CancellationToken cancellationToken)
    {
        var mine = on ? new CancellationTokenSource(UserSearchLimit, time) : null;
        var before = Interlocked.Exchange(ref _userSearch, mine);
        before?.Dispose();
        try
        {
            if (on) await ChangeAsync(before is null ? +1 : 0, cancellationToken);
            else if (before is not null) await StopAsync(cancellationToken);
        }
        catch
        {
            // What did not begin must not be ended.
            if (on && Interlocked.CompareExchange(ref _userSearch, null, mine) == mine) mine!.Dispose();
            throw;
        }

        mine?.Token.Register(() => _ = EndUserSearchAsync(mine));
    }

    /// <summary>The adapter was switched off or on: BlueZ ends every search with the power, and a search that is still wanted begins anew with it.</summary>
    public async Task PowerChangedAsync(bool powered)
    {
        await _search.WaitAsync();
        try
        {
            if (!powered) _searching = false;
            else await ApplyAsync(CancellationToken.None);
        }
        catch (PortException)
        {
            // The next who wants the search starts it.
        }
        finally
        {
            _search.Release();
        }
    }

    private async Task EndUserSearchAsync(CancellationTokenSource mine)
    {
        if (Interlocked.CompareExchange(ref _userSearch, null, mine) != mine) return;
        try
        {
            await StopAsync(CancellationToken.None);
        }
        catch (PortException)
        {
            // The service is gone, and the search with it.
        }
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _userSearch, null)?.Dispose();
    }

    private async Task ChangeAsync(int by, CancellationToken cancellationToken)
    {
        await _search.WaitAsync(cancellationToken);
        try
        {
            _wanted += by;
            try
            {
                await ApplyAsync(cancellationToken);
            }
            catch when (by > 0)
            {
                _wanted -= by;
                throw;
            }
        }
        finally
        {
            _search.Release();
        }
    }

    private async Task SetPausedAsync(bool paused, CancellationToken cancellationToken)
    {
        await _search.WaitAsync(cancellationToken);
        try
        {
            _paused = paused;
            await ApplyAsync(cancellationToken);
        }
        finally
        {
            _search.Release();
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var shall = _wanted > 0 && !_paused;
        if (shall == _searching) return;
        if (shall)
        {
            await bus.SetDiscoveryFilterAsync(path, cancellationToken);
            try
            {
                await bus.CallAsync(path, BlueZNames.Adapter, "StartDiscovery", $"Searching on {name}", BlueZBus.Short, cancellationToken);
            }
            catch (PortException error) when (error.IsNamed("InProgress"))
            {
                // It runs already.
            }

            _searching = true;
            return;
        }

        _searching = false;
        try
        {
            await bus.CallAsync(path, BlueZNames.Adapter, "StopDiscovery", $"Ending the search on {name}", BlueZBus.Short, cancellationToken);
        }
        catch (PortException)
        {
            // It ended by itself: the adapter was switched off, or unplugged.
        }
    }
}
