using System.Collections.Concurrent;
using Gateway.Playback.Audio;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Reconciler;

/// <summary>
/// A simulated house's own time, which stands still while anything is to be done: what the house awaits is taken up on the thread that drives it, and its threads
/// of sound sleep by it. So a story is the same however busy the machine is. One thread drives at a time.
/// </summary>
internal sealed class HouseTime : TimeProvider, IPacingClock, IDisposable
{
    /// <summary>Far less than the 200 ms that threads of sound are ahead.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    private const long Awake = long.MinValue;

    private readonly FakeTimeProvider _time;
    private readonly SteppedTime _wall;
    private readonly Turns _turns = new();
    private readonly object _gate = new();
    private readonly Dictionary<Thread, long> _dueAt = []; // under the gate
    private bool _ended; // under the gate

    public HouseTime(DateTimeOffset now)
    {
        _time = new FakeTimeProvider(now);
        _wall = new SteppedTime(_time);
    }

    public override long TimestampFrequency => _wall.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => _wall.LocalTimeZone;

    private bool IsDriven => ReferenceEquals(SynchronizationContext.Current, _turns);

    public override DateTimeOffset GetUtcNow() => _wall.GetUtcNow();

    public override long GetTimestamp() => _wall.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _wall.CreateTimer(callback, state, dueTime, period);

    /// <summary>The wall's clock shows this from now on; time itself goes on as before.</summary>
    public void SetWall(DateTimeOffset now) => _wall.Set(now);

    /// <summary>Does something in the house: what it awaits is the house's.</summary>
    public T Do<T>(Func<T> work) => In(_turns, work);

    /// <inheritdoc cref="Do{T}"/>
    public void Do(Action work) => Do(() =>
    {
        work();
        return true;
    });

    /// <summary>Until nothing is to be done before time goes on.</summary>
    public void Settle() => Do(() =>
    {
        do AwaitSound();
        while (_turns.TakeAll());
    });

    /// <summary>Lets a little time pass.</summary>
    public void Step()
    {
        // Timers only ring: what they begin has its turn when the time stands.
        In(null, () =>
        {
            _time.Advance(s_step);
            return true;
        });
        lock (_gate)
        {
            var now = this.Nanoseconds();
            foreach (var thread in _dueAt.Where(t => t.Value <= now).Select(t => t.Key).ToList()) _dueAt[thread] = Awake;
            Monitor.PulseAll(_gate);
        }

        AwaitSound();
    }

    public void SleepUntil(long nanoseconds)
    {
        if (nanoseconds <= this.Nanoseconds()) return;
        var me = Thread.CurrentThread;
        lock (_gate)
        {
            _dueAt[me] = nanoseconds;
            Monitor.PulseAll(_gate);
            while (_dueAt[me] != Awake && !_ended) Monitor.Wait(_gate);
        }
    }

    public void Expect(Thread thread)
    {
        lock (_gate) _dueAt.TryAdd(thread, Awake);
    }

    public void WaitUntil(Func<bool> isSo)
    {
        while (!isSo())
        {
            if (IsDriven) Step();
            else Thread.Sleep(1);
        }
    }

    /// <summary>Nobody sleeps by it any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private static T In<T>(SynchronizationContext? context, Func<T> work)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return work();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Until all threads of sound sleep; those that have ended are forgotten.</summary>
    private void AwaitSound()
    {
        lock (_gate)
        {
            while (_dueAt.Where(t => t.Value == Awake).Select(t => t.Key).ToList() is { Count: > 0 } awake && !_ended)
            {
                foreach (var ended in awake.Where(t => !t.IsAlive)) _dueAt.Remove(ended);
                if (awake.Any(t => t.IsAlive)) Monitor.Wait(_gate, 1); // the end of a thread pulses nobody
            }
        }
    }

    /// <summary>What is to go on in the house.</summary>
    private sealed class Turns : SynchronizationContext
    {
        private readonly ConcurrentQueue<(SendOrPostCallback Work, object? State)> _due = new();

        public override void Post(SendOrPostCallback d, object? state) => _due.Enqueue((d, state));

        /// <summary>False: there was nothing.</summary>
        public bool TakeAll()
        {
            var any = false;
            while (_due.TryDequeue(out var turn))
            {
                any = true;
                turn.Work(turn.State);
            }

            return any;
        }
    }
}
