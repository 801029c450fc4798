using System.Diagnostics;

namespace Gateway.Benchmarks.Sync;

/// <summary>Waits for servers that a run started.</summary>
internal static class Loopback
{
    public static void WaitUntilItAnswers(PlayerProcess server, int port, TimeSpan limit) => Wait(server, limit, () => LoopbackPort.Answers(port));

    /// <summary>A socket's file.</summary>
    public static void WaitFor(string path, PlayerProcess server, TimeSpan limit) => Wait(server, limit, () => Path.Exists(path));

    private static void Wait(PlayerProcess server, TimeSpan limit, Func<bool> isThere)
    {
        var since = Stopwatch.StartNew();
        while (!isThere())
        {
            if (server.HasExited || since.Elapsed > limit) throw new BenchmarkException($"{server.Name} {(server.HasExited ? "ended" : "did not start within 15 s")}. It said:\n{server.Said}");
            Thread.Sleep(20);
        }
    }
}
