using System.Runtime.InteropServices;

namespace Gateway.Native;

/// <summary>The C library's scheduling, for threads that must be on time.</summary>
public static partial class LibC
{
    private const int SchedRoundRobin = 2; // SCHED_RR, linux/sched.h
    private const int ResetOnFork = 0x40000000; // SCHED_RESET_ON_FORK: a child process starts as an ordinary one
    private const int PrioProcess = 0; // PRIO_PROCESS, sys/resource.h; on Linux the id is a thread's, 0 the caller's
    private const int AudioNice = -11;

    /// <summary>
    /// Runs the calling thread before ordinary ones: round robin in real time where the process may (root, CAP_SYS_NICE, a limit on
    /// rtprio), else with a better nice value, else as it was. Linux only; does nothing elsewhere.
    /// </summary>
    /// <param name="priority">1 to 99; the system's own threads stand at 50 and above.</param>
    public static void RaiseCallingThread(int priority)
    {
        if (!OperatingSystem.IsLinux()) return;
        var wanted = priority;
        if (SetScheduler(0, SchedRoundRobin | ResetOnFork, in wanted) != 0) _ = SetPriority(PrioProcess, 0, AudioNice);
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int nice);
}
