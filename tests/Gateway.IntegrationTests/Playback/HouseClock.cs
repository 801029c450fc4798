using System.Diagnostics;
using Gateway.Playback.Audio;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.IntegrationTests.Playback;

/// <summary>
/// A simulated house's own clock, by which its threads of sound sleep too. It goes from one instant at which such a thread is due to the next, when all of them sleep
/// and what timers began is done. So a machine that is busy or stands still costs the house no time: its sound is never late.
/// </summary>
internal sealed class HouseClock : TimeProvider, IPacingClock, IDisposable
{
    private const long Awake = long.MinValue;

    /// <summary>The longest step, where no thread of sound is due before.</summary>
    private const long MostNanoseconds = 5_000_000;

    /// <summary>What a timer began may wait for the clock itself.</summary>
    private const int PatienceMs = 20;

    /// <summary>Of a thread of sound, on a machine that stands still.</summary>
    private static readonly TimeSpan s_longestWork = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly double _mostSpeed;
    private readonly object _gate = new();
    private readonly Dictionary<Thread, long> _dueAt = []; // under the gate
    private readonly Thread _thread;
    private int _underWay;
    private volatile bool _ended;

    /// <param name="mostSpeed">Of the wall's clock's: what is worked out beside the threads of sound has to keep up.</param>
    public HouseClock(double mostSpeed)
    {
        _mostSpeed = mostSpeed;
        _thread = new Thread(Run) { Name = "house clock", IsBackground = true };
        _thread.Start();
    }

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => _time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    /// <summary>Rings on the pool, as the system's timers do.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _time.CreateTimer(
        given =>
        {
            Interlocked.Increment(ref _underWay);
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                callback(given);
                Interlocked.Decrement(ref _underWay);
            }, null);
        }, state, dueTime, period);

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
        while (!isSo()) Thread.Sleep(1);
    }

    /// <summary>When whoever sleeps by it has ended.</summary>
    public void Dispose()
    {
        _ended = true;
        lock (_gate) Monitor.PulseAll(_gate);
        _thread.Join();
    }

    private void Run()
    {
        var (last, credit) = (Stopwatch.GetTimestamp(), 0.0);
        while (!_ended)
        {
            var step = NextStep();
            while (credit < step && !_ended)
            {
                var now = Stopwatch.GetTimestamp();
                credit = Math.Min(credit + (_mostSpeed * Stopwatch.GetElapsedTime(last, now).TotalNanoseconds), 4 * MostNanoseconds); // what was missed is not made up for
                last = now;
                if (credit < step) Thread.Sleep(1);
            }

            credit -= step;
            _time.Advance(TimeSpan.FromTicks((step + 99) / 100));
            Wake();
            var since = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref _underWay) > 0 && Stopwatch.GetElapsedTime(since).TotalMilliseconds < PatienceMs) Thread.Yield();
        }
    }

    /// <summary>To the next instant at which a thread of sound is due, once all of them sleep. One that sleeps no more by this clock is waited for once.</summary>
    private long NextStep()
    {
        lock (_gate)
        {
            var since = Stopwatch.GetTimestamp();
            while (!_ended && _dueAt.Any(t => t.Value == Awake && t.Key.IsAlive) && Stopwatch.GetElapsedTime(since) < s_longestWork) Monitor.Wait(_gate, PatienceMs);
            foreach (var gone in _dueAt.Where(t => t.Value == Awake).Select(t => t.Key).ToList()) _dueAt.Remove(gone);
            return _dueAt.Count == 0 ? MostNanoseconds : Math.Clamp(_dueAt.Values.Min() - this.Nanoseconds(), 1, MostNanoseconds);
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            var now = this.Nanoseconds();
            foreach (var thread in _dueAt.Where(t => t.Value != Awake && t.Value <= now).Select(t => t.Key).ToList()) _dueAt[thread] = Awake;
            Monitor.PulseAll(_gate);
        }
    }
}
