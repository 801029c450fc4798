using System.Net;
using System.Net.Sockets;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>A Mosquitto on one port that is killed, stopped, frozen and started again; it keeps what it holds on the disk.</summary>
internal sealed class FaultyBroker : IDisposable
{
    private readonly string _configuration;
    private Child _process;

    public FaultyBroker(string folder)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        _configuration = Path.Combine(folder, "mosquitto.conf");
        File.WriteAllText(_configuration, $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location {folder}/
            autosave_interval 1
            autosave_on_changes true
            max_queued_messages 0
            set_tcp_nodelay true
            log_type error
            user root

            """);
        _process = Start();
    }

    public int Port { get; }

    public Child Process => _process;

    public void StartAgain()
    {
        _process.Dispose();
        _process = Start();
    }

    public void Dispose() => _process.Dispose();

    private Child Start()
    {
        var process = new Child(File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", "-c", _configuration);
        for (var i = 0; i < 500; i++)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, Port);
                return process;
            }
            catch (SocketException) when (!process.HasExited)
            {
                Thread.Sleep(20);
            }
            catch (SocketException)
            {
                break;
            }
        }

        throw new BenchmarkException($"Mosquitto does not answer on port {Port}: {process.Said}");
    }
}
