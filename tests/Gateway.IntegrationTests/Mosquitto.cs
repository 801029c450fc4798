using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.IntegrationTests;

/// <summary>A real Mosquitto of one's own: on a free loopback port, with its own configuration, killed at the end. It can be killed, stopped and started again in between.</summary>
public sealed class Mosquitto : IAsyncDisposable
{
    private readonly string _directory;
    private readonly string _configuration;
    private readonly StringBuilder _log = new();
    private Process? _process;

    private Mosquitto(int port, string directory, string configuration)
    {
        Port = port;
        _directory = directory;
        _configuration = configuration;
    }

    public int Port { get; }

    /// <summary>What the broker wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <summary>Starts a broker and waits until it listens.</summary>
    /// <param name="settings">More lines for <c>mosquitto.conf</c>, after the listener's; null: anybody may come in.</param>
    public static async Task<Mosquitto> StartAsync(string? settings = null)
    {
        var directory = Directory.CreateTempSubdirectory("tutti-mosquitto-").FullName;
        var port = FreePort();
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
        var process = new Process { StartInfo = new ProcessStartInfo(Path, ["-v", "-c", _configuration]) { RedirectStandardError = true, RedirectStandardOutput = true } };
        process.ErrorDataReceived += (_, e) => Append(e.Data);
        process.OutputDataReceived += (_, e) => Append(e.Data);
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        _process = process;
        await Eventually.TrueAsync("mosquitto listens", () => process.HasExited ? throw new InvalidOperationException($"mosquitto ended: {Log}") : Listens(Port));
    }

    /// <summary>SIGKILL: no goodbye to anybody.</summary>
    public void Kill()
    {
        if (_process is not { HasExited: false } running) return;
        running.Kill();
        running.WaitForExit();
    }

    /// <summary>SIGSTOP: connections stay open, and nothing answers.</summary>
    public void Freeze() => Signal(19);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal(18);

    public async ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        await Task.Run(() => Directory.Delete(_directory, recursive: true));
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static bool Listens(int port)
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
    }

    private void Append(string? line)
    {
        if (line is null) return;
        lock (_log) _log.AppendLine(line);
    }

    private void Signal(int number)
    {
        if (kill(_process!.Id, number) != 0) throw new InvalidOperationException($"kill -{number} failed.");
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);
}
