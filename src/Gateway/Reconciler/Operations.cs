using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Storage;
using Gateway.Timing;

namespace Gateway.Reconciler;

/// <summary>Why an operation did not work.</summary>
/// <param name="IsPorts">The port said so; else it was overtaken, late, not seen to be done, or a fault of ours ended it.</param>
internal sealed record OperationFailure(string Text, bool IsPorts = false);

/// <summary>
/// What is carried out beside the loop, one operation a key: begun after the publication that promises it, limited, overtaken by a later one, ended on
/// the loop. The only place that waits for a port. Owned by the loop.
/// </summary>
/// <param name="post">Has the loop do something; any thread.</param>
/// <param name="lookAgain">Takes in what the ports show now.</param>
internal sealed class Operations(Journal journal, TimeProvider time, Action<Action> post, Action lookAgain)
{
    /// <summary>Connects and pairings wait for their turn on the adapter: how long the device itself takes is the port's to limit.</summary>
    public static readonly TimeSpan PortsTime = Timeout.InfiniteTimeSpan;

    /// <summary>The longest that any one device may take.</summary>
    private static readonly TimeSpan s_deviceTime = TimeSpan.FromSeconds(60);

    /// <summary>Signals and clouds tell a little later than they answer.</summary>
    private static readonly TimeSpan s_effectTime = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, DeviceOperation> _underWay = new(StringComparer.Ordinal);
    private readonly List<Action> _starts = [];

    /// <summary>The process ends. Set before the first operation.</summary>
    public CancellationToken Stopping { get; set; }

    /// <summary>Has the loop do something; any thread.</summary>
    public Action<Action> Post => post;

    /// <summary>Takes in what the ports show now.</summary>
    public Action LookAgain => lookAgain;

    public IEnumerable<string> Keys => _underWay.Keys;

    /// <summary>When the next effect has had its time to show.</summary>
    public IEnumerable<TimeSpan> Due => _underWay.Values.Select(o => o.Awaited?.Until).OfType<TimeSpan>();

    public bool IsUnderWay(string key) => _underWay.ContainsKey(key);

    /// <summary>Begins it once what the loop has to tell is told: an <c>accepted</c> is out before its first link is cut.</summary>
    public void AfterPublication(Action start) => _starts.Add(start);

    public IReadOnlyList<Action> TakeStarts()
    {
        List<Action> taken = [.. _starts];
        _starts.Clear();
        return taken;
    }

    /// <summary>Carries out a command to one device; a later one to the same property overtakes it.</summary>
    /// <param name="ended">Called on the loop. Why it failed; null: it did not.</param>
    /// <param name="report">What is to be said with <c>done</c>.</param>
    /// <param name="limit">Null: a minute; <see cref="PortsTime"/> for what waits for its turn.</param>
    /// <param name="seen">Looks whether it is so; null: the port's own answer says so.</param>
    public void Begin(
        Command command, Func<CancellationToken, Task> work, Plan? plan = null, Action<OperationFailure?>? ended = null, Func<string?>? report = null, TimeSpan? limit = null, Func<bool?>? seen = null) =>
        Start($"{command.Device}/{command.Property}", command, plan, work, ended, report, limit, seen);

    /// <summary>The same without a command where the loop itself wants it.</summary>
    /// <inheritdoc cref="Begin"/>
    public void Start(
        string key, Command? command, Plan? plan, Func<CancellationToken, Task> work, Action<OperationFailure?>? ended, Func<string?>? report = null, TimeSpan? limit = null, Func<bool?>? seen = null)
    {
        Supersede(key);
        if (command is not null) journal.Accept(command, plan);
        var operation = new DeviceOperation(command, CancellationTokenSource.CreateLinkedTokenSource(Stopping));
        _underWay[key] = operation;
        Run(operation.Cancel, work, limit ?? s_deviceTime, failure => OnWorked(key, operation, failure, ended, report, seen));
    }

    /// <summary>Runs work beside the loop, from the next publication on.</summary>
    /// <param name="cancel">Ends the work early; the caller disposes of it.</param>
    /// <param name="ended">Called on the loop, when what the work brought about has been taken in. Why it failed; null: it did not.</param>
    /// <param name="limit">How long it is waited for, and no longer than until it is cancelled; null: to its end, also when it is cancelled.</param>
    public void Run(CancellationTokenSource cancel, Func<CancellationToken, Task> work, TimeSpan? limit, Action<OperationFailure?> ended) => _starts.Add(() => _ = RunAsync(cancel, work, limit, ended));

    public void Supersede(string key)
    {
        if (!_underWay.Remove(key, out var earlier)) return;
        earlier.Cancel.Cancel();
        earlier.Awaited?.End(new("It was overtaken."), null);
        if (earlier.Command is { } command) journal.End(command, CommandResult.Superseded, "A later command to the same property took its place.", []);
    }

    /// <summary>Operations whose other side has said yes: over when the world shows it, or when it had its time to.</summary>
    public void LookForEffects()
    {
        foreach (var awaited in _underWay.Values.Select(o => o.Awaited).OfType<AwaitedEffect>().ToList())
        {
            var seen = awaited.Seen();
            if (seen == true) awaited.End(null, null);
            else if (time.Now() >= awaited.Until && seen is null) awaited.End(null, "It was taken; whether it was done is not reported back.");
            else if (time.Now() >= awaited.Until) awaited.End(new($"It was taken, and {s_effectTime.TotalSeconds:0} s later nothing shows that it was done. Try again, and look at the device."), null);
        }
    }

    /// <summary>Each is tried: one that fails must not leave the next one open for pairing. The first error is told.</summary>
    public static async Task OnEachAsync(IReadOnlyList<RadioAdapter> adapters, Func<RadioAdapter, Task> action)
    {
        PortException? first = null;
        foreach (var adapter in adapters)
        {
            var acting = action(adapter);
            await acting.Ended();
            if (acting.Failure() is PortException error) first ??= error;
            else await acting;
        }

        if (first is not null) throw first;
    }

    private async Task RunAsync(CancellationTokenSource cancel, Func<CancellationToken, Task> work, TimeSpan? limit, Action<OperationFailure?> ended)
    {
        var working = WorkAsync();
        await working.Ended();
        OperationFailure? failure = working.IsCanceled ? new("It was overtaken or the gateway is stopping.") : working.Failure() switch
        {
            null => null,
            TimeoutException => new($"There was no answer within {limit?.TotalSeconds:0} s. Is the device on and within reach?"),
            PortException no => new($"{no.Message} {no.Remedy}".TrimEnd(), IsPorts: true),
            StorageException no => new(no.Message),
            var fault => new(journal.LogFault(fault)),
        };
        post(() =>
        {
            try
            {
                // What it brought about is read now, so that the state is out before the answer.
                lookAgain();
            }
            finally
            {
                ended(failure);
            }
        });

        async Task WorkAsync() => await (limit is { } most ? work(cancel.Token).Awaited().WaitAsync(most, time, cancel.Token) : work(cancel.Token));
    }

    private void OnWorked(string key, DeviceOperation operation, OperationFailure? failure, Action<OperationFailure?>? ended, Func<string?>? report, Func<bool?>? seen)
    {
        if (failure is not null || seen is null || !IsCurrent() || seen() == true) Finish(failure, null);
        else operation.Awaited = new AwaitedEffect(seen, time.Now() + s_effectTime, Finish);

        bool IsCurrent() => _underWay.TryGetValue(key, out var now) && ReferenceEquals(now, operation);

        void Finish(OperationFailure? why, string? note)
        {
            var current = IsCurrent();
            if (current) _underWay.Remove(key);
            operation.Awaited = null;
            operation.Cancel.Dispose();
            ended?.Invoke(why);
            if (current && operation.Command is { } command) journal.End(command, why is null ? CommandResult.Done : CommandResult.Failed, why?.Text ?? note ?? report?.Invoke(), []);
        }
    }

    /// <summary>A command to one device that is being carried out.</summary>
    private sealed class DeviceOperation(Command? command, CancellationTokenSource cancel)
    {
        public Command? Command { get; } = command;
        public CancellationTokenSource Cancel { get; } = cancel;

        /// <summary>The other side took it, and its effect is looked for; null: it still works.</summary>
        public AwaitedEffect? Awaited { get; set; }
    }

    /// <summary>What a command shall bring about, looked for in the world: an answer <c>done</c> is no echo of what was sent.</summary>
    /// <param name="Seen">True: it is so; false: it is shown to be otherwise; null: nobody reports it.</param>
    /// <param name="End">Ends the operation: why it failed (null: it did not), and what is to be said with <c>done</c>.</param>
    private sealed record AwaitedEffect(Func<bool?> Seen, TimeSpan Until, Action<OperationFailure?, string?> End);
}
