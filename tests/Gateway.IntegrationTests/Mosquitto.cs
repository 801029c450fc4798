using System.Diagnostics;
using System.Globalization;

namespace Gateway.IntegrationTests;

/// <summary>A real Mosquitto of one's own: on a free loopback port, with its own configuration, killed at the end. It can be killed, stopped and started again in between.</summary>
public sealed class Mosquitto : IAsyncDisposable
{
    private readonly string _directory;
    private readonly string _configuration;
    private ChildProcess? _process;

    private Mosquitto(int port, string directory, string configuration)
    {
        Port = port;
        _directory = directory;
        _configuration = configuration;
    }

    public int Port { get; }

    /// <summary>What the broker wrote since it was last started.</summary>
    public string Log => _process?.Said ?? "";

    /// <summary>Starts a broker and waits until it listens.</summary>
    /// <param name="settings">More lines for <c>mosquitto.conf</c>, after the listener's; null: anybody may come in.</param>
    public static async Task<Mosquitto> StartAsync(string? settings = null)
    {
        var directory = Directory.CreateTempSubdirectory("tutti-mosquitto-").FullName;
        var port = LoopbackPort.Free();
        var configuration = Path.Combine(directory, "mosquitto.conf");
        // As root it would change to the user "mosquitto", who may not read test files.
        await File.WriteAllTextAsync(configuration, $"""
            listener {port.ToString(CultureInfo.InvariantCulture)} 127.0.0.1
            persistence false
            set_tcp_nodelay true
            user root
            {settings ?? "allow_anonymous true"}

            """);
        var broker = new Mosquitto(port, directory, configuration);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Makes a password file with one user; the path is for <c>password_file</c>.</summary>
    public static string PasswordFile(string user, string password)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("tutti-mosquitto-").FullName, "passwords");
        using var made = Process.Start(new ProcessStartInfo("mosquitto_passwd", ["-b", "-c", path, user, password]) { RedirectStandardError = true })
            ?? throw new InvalidOperationException("mosquitto_passwd did not start.");
        made.WaitForExit();
        return made.ExitCode == 0 ? path : throw new InvalidOperationException($"mosquitto_passwd failed: {made.StandardError.ReadToEnd()}");
    }

    /// <summary>Starts it again on the same port after <see cref="Kill"/>: a new broker that remembers nothing.</summary>
    public async Task StartAgainAsync()
    {
        const string Path = "/usr/sbin/mosquitto";
        if (!File.Exists(Path)) throw new InvalidOperationException($"{Path} is missing. Install the package mosquitto (apt-get install mosquitto).");
        _process?.Dispose();
        var process = _process = new ChildProcess(Path, "-v", "-c", _configuration);
        await Eventually.TrueAsync("mosquitto listens", () => process.HasExited ? throw new InvalidOperationException($"mosquitto ended: {Log}") : LoopbackPort.Answers(Port));
    }

    /// <summary>SIGKILL: no goodbye to anybody.</summary>
    public void Kill() => _process?.Kill();

    /// <summary>SIGSTOP: connections stay open, and nothing answers.</summary>
    public void Freeze() => _process!.Signal(ChildProcess.Stop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => _process!.Signal(ChildProcess.Continue);

    public async ValueTask DisposeAsync()
    {
        _process?.Dispose();
        await Task.Run(() => Directory.Delete(_directory, recursive: true));
    }
}
