using Gateway.Native.Libc;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// How late a thread wakes that nothing inside the lab may hold up: what it loses, the machine under the lab lost, not the program in it.
/// Allocates nothing while it measures, so that no collection stops it for long.
/// </summary>
internal sealed class MachineMeter : IDisposable
{
    /// <summary>The figure that says whether the machine went steadily.</summary>
    public const string Steady = "machine_steady";

    private const long PeriodNanoseconds = 10_000_000;
    private const int RealTimePriority = 60;

    /// <summary>Half of the tightest promise (20 ms, 99 %).</summary>
    private const double SteadyP99Ms = 10;

    /// <summary>The 100 ms that others may be held up for, less what the lab itself takes.</summary>
    private const double SteadyMaxMs = 60;

    private readonly float[] _lateMs = new float[100 * 1_500];
    private readonly long[] _due = new long[100 * 1_500];
    private readonly Thread _thread;
    private volatile int _count;
    private volatile bool _stopping;

    public MachineMeter()
    {
        _thread = new Thread(Measure) { IsBackground = true, Name = "machine meter" };
        _thread.Start();
    }

    /// <summary>How long the machine stood still in a span of CLOCK_MONOTONIC seconds: what its thread came late by, without what is usual.</summary>
    public double StoodStillMs(double from, double to)
    {
        double sum = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_lateMs[i] < SteadyP99Ms) continue;
            var due = _due[i] / 1e9;
            sum += Math.Max(0, Math.Min(to, due + (_lateMs[i] / 1000)) - Math.Max(from, due));
        }

        return 1000 * sum;
    }

    /// <summary>Ends measuring.</summary>
    public void AddTo(Dictionary<string, object> figures)
    {
        Dispose();
        var late = _lateMs.AsSpan(0, _count).ToArray();
        Array.Sort(late);
        var (p99, max) = late.Length == 0 ? (0f, 0f) : (late[(int)(0.99 * (late.Length - 1))], late[^1]);
        figures["machine_late_p99_ms"] = Math.Round(p99, 2);
        figures["machine_late_max_ms"] = Math.Round(max, 2);
        figures[Steady] = p99 <= SteadyP99Ms && max <= SteadyMaxMs;
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
    }

    private void Measure()
    {
        AudioThread.TryBeRealTime(RealTimePriority); // it allocates nothing and waits for nothing of .NET's
        var due = AudioThread.NowNanoseconds;
        while (!_stopping && _count < _lateMs.Length)
        {
            due += PeriodNanoseconds;
            AudioThread.SleepUntil(due);
            var late = AudioThread.NowNanoseconds - due;
            _due[_count] = due;
            _lateMs[_count++] = late / 1e6f;
            if (late > PeriodNanoseconds) due += late / PeriodNanoseconds * PeriodNanoseconds;
        }
    }
}
