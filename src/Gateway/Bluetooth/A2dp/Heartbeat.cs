using Gateway.Native.Libc;

namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// Counts the time in which this machine goes steadily: a thread of ordinary priority wants to wake every 20 ms, and a beat that comes late vouches for
/// none of the time before it. The senders' own threads may run ahead of all others, while what takes their packets (the kernel's workers) is hardly better
/// off than this thread. Beats while somebody listens. Any thread.
/// </summary>
/// <param name="ownThread">False: its owner calls <see cref="Beat(long)"/>.</param>
internal sealed class Heartbeat(bool ownThread = true)
{
    private const long PeriodNanoseconds = 20_000_000;

    /// <summary>The period, and 30 ms that an ordinary thread may have to wait on a busy machine.</summary>
    private const long LongestNanoseconds = 50_000_000;

    private readonly Lock _lock = new();
    private int _listeners;
    private bool _beats;
    private long _steady;
    private long _last = long.MinValue / 2; // the beating thread's own

    /// <summary>Steady nanoseconds so far.</summary>
    public long SteadyNanoseconds => Volatile.Read(ref _steady);

    public void Listen()
    {
        lock (_lock)
        {
            _listeners++;
            if (_beats || !ownThread) return;
            _beats = true;
            new Thread(Run) { IsBackground = true, Name = "heartbeat" }.Start();
        }
    }

    public void Leave()
    {
        lock (_lock) _listeners--;
    }

    public void Beat(long now)
    {
        var interval = now - _last;
        _last = now;
        if (interval <= LongestNanoseconds) Volatile.Write(ref _steady, _steady + interval);
    }

    private void Run()
    {
        while (IsWanted())
        {
            AudioThread.SleepUntil(AudioThread.NowNanoseconds + PeriodNanoseconds);
            Beat(AudioThread.NowNanoseconds);
        }
    }

    private bool IsWanted()
    {
        lock (_lock) return _beats = _listeners > 0;
    }
}
