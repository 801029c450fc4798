using System.Diagnostics;

namespace Gateway.Benchmarks;

/// <summary>A Mosquitto of our own on a free loopback port. It forgets everything when it ends.</summary>
internal sealed class Broker : IDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(10);
    private readonly Process _process;
    private readonly string _configuration;

    private Broker(Process process, string configuration, int port)
    {
        _process = process;
        _configuration = configuration;
        Port = port;
    }

    public int Port { get; }

    public static Broker Start()
    {
        var port = LoopbackPort.Free();
        var configuration = Path.Combine(Path.GetTempPath(), $"tutti-bench-{Environment.ProcessId}-{port}.conf");
        File.WriteAllText(configuration, $"""
            listener {port} 127.0.0.1
            allow_anonymous true
            persistence false
            set_tcp_nodelay true
            max_queued_messages 0
            log_type error

            """);
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", ["-c", configuration]))!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BenchmarkException($"Mosquitto cannot be started: {e.Message}. Install Debian's package mosquitto.");
        }

        var broker = new Broker(process, configuration, port);
        broker.WaitUntilItAnswers();
        return broker;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        File.Delete(_configuration);
    }

    private void WaitUntilItAnswers()
    {
        var since = Stopwatch.StartNew();
        while (!LoopbackPort.Answers(Port))
        {
            if (_process.HasExited || since.Elapsed > s_startLimit)
            {
                Dispose();
                throw new BenchmarkException($"Mosquitto does not answer on port {Port}.");
            }

            Thread.Sleep(10);
        }
    }
}
