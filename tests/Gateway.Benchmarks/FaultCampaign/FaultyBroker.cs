namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>A Mosquitto on one port that is killed, stopped, frozen and started again; it keeps what it holds on the disk.</summary>
internal sealed class FaultyBroker : IDisposable
{
    private readonly string _configuration;
    private ChildProcess _process;

    public FaultyBroker(string folder)
    {
        Port = LoopbackPort.Free();
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

    public ChildProcess Process => _process;

    public void StartAgain()
    {
        _process.Dispose();
        _process = Start();
    }

    public void Dispose() => _process.Dispose();

    private ChildProcess Start()
    {
        var process = new ChildProcess(File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", "-c", _configuration);
        for (var i = 0; i < 500 && !process.HasExited; i++)
        {
            if (LoopbackPort.Answers(Port)) return process;
            Thread.Sleep(20);
        }

        throw new BenchmarkException($"Mosquitto does not answer on port {Port}: {process.Said}");
    }
}
