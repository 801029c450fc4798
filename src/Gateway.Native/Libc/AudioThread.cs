using System.Diagnostics;

namespace Gateway.Native.Libc;

/// <summary>What a pacing thread needs of the system: CLOCK_MONOTONIC, an absolute sleep on it, and a real-time priority where it is granted.</summary>
public static class AudioThread
{
    /// <summary>CLOCK_MONOTONIC in nanoseconds: <see cref="Stopwatch"/> counts the same clock on Linux.</summary>
    public static long NowNanoseconds => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    /// <summary>Sleeps until the absolute time; returns at once where that is past. Allocates nothing.</summary>
    public static void SleepUntil(long nanoseconds)
    {
        var until = new LibC.Timespec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        while (LibC.ClockNanosleep(LibC.ClockMonotonic, LibC.TimerAbsolute, in until, 0) == LibC.Interrupted)
        {
        }
    }

    /// <summary>
    /// Asks for SCHED_FIFO for the calling thread, or at least for a better nice value; false where the system grants neither, which is no fault. On a
    /// single processor always the nice value: .NET waits without sleeping in places (for a thread to start, for code that is being replaced), and
    /// under SCHED_FIFO whom it waits for would not run until the kernel steps in, after 0.95 s.
    /// </summary>
    /// <param name="priority">1 to 99; the system's own threads stand at 50 and above.</param>
    public static bool TryRaisePriority(int priority = 5) =>
        (Environment.ProcessorCount > 1 && TryBeRealTime(priority)) || LibC.SetPriority(LibC.PriorityProcess, 0, AudioNice) == 0;

    /// <summary>SCHED_FIFO or nothing.</summary>
    /// <inheritdoc cref="TryRaisePriority"/>
    public static bool TryBeRealTime(int priority) => LibC.SetScheduler(0, LibC.ScheduleFifo | LibC.ScheduleResetOnFork, in priority) == 0;

    private const int AudioNice = -11;
}
