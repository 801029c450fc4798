using Gateway.Native.Libc;

namespace Gateway.Playback.Audio;

/// <summary>A clock that the threads of sound sleep by: a simulated house's own, which goes on while they sleep.</summary>
internal interface IPacingClock
{
    /// <summary>Returns at once where the time is past.</summary>
    /// <param name="nanoseconds">By <see cref="PacingClock.SleepNanoseconds"/>.</param>
    void SleepUntil(long nanoseconds);

    /// <summary>It waits for this thread's first sleep before it goes on.</summary>
    void Expect(Thread thread);

    /// <summary>Waits for what a thread of sound does when it wakes.</summary>
    void WaitUntil(Func<bool> isSo);
}

/// <summary>The clock in the unit of the threads of sound. Allocates nothing.</summary>
internal static class PacingClock
{
    /// <summary>CLOCK_MONOTONIC now, where the clock is the machine's.</summary>
    public static long Nanoseconds(this TimeProvider time) => (long)((Int128)time.GetTimestamp() * 1_000_000_000 / time.TimestampFrequency);

    /// <summary>
    /// What is slept by: a house's own clock, else the machine's, whatever a test does with the time (it may step it by hours, or let it stand).
    /// </summary>
    public static long SleepNanoseconds(this TimeProvider time) => time is IPacingClock ? time.Nanoseconds() : AudioThread.NowNanoseconds;

    public static void Sleep(this TimeProvider time, long nanoseconds) => time.SleepUntil(time.SleepNanoseconds() + nanoseconds);

    public static void SleepUntil(this TimeProvider time, long nanoseconds)
    {
        if (time is IPacingClock own) own.SleepUntil(nanoseconds);
        else AudioThread.SleepUntil(nanoseconds);
    }

    /// <summary>Starts a thread that sleeps by it.</summary>
    public static void Start(this TimeProvider time, Thread thread)
    {
        thread.Start();
        (time as IPacingClock)?.Expect(thread);
    }

    /// <summary>Waits for what a thread that sleeps by it does when it wakes.</summary>
    public static void WaitUntil(this TimeProvider time, Func<bool> isSo)
    {
        if (time is IPacingClock own) own.WaitUntil(isSo);
        else while (!isSo()) Thread.Sleep(1);
    }
}
