using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Benchmarks.Sync;

/// <summary>Waits for servers that a run started.</summary>
internal static class Loopback
{
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public static void WaitUntilItAnswers(ChildProcess server, int port, TimeSpan limit) => Wait(server, limit, () =>
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });

    /// <summary>A socket's file.</summary>
    public static void WaitFor(string path, ChildProcess server, TimeSpan limit) => Wait(server, limit, () => Path.Exists(path));

    private static void Wait(ChildProcess server, TimeSpan limit, Func<bool> isThere)
    {
        var since = Stopwatch.StartNew();
        while (!isThere())
        {
            if (server.HasExited || since.Elapsed > limit) throw new BenchmarkException($"{server.Name} {(server.HasExited ? "ended" : "did not start within 15 s")}. It said:\n{server.Said}");
            Thread.Sleep(20);
        }
    }
}
