using System.Diagnostics;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>A real PulseAudio of one's own: on a socket and with a home of its own, killed at the end.</summary>
internal sealed class PulseServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tutti-pulse-").FullName;
    private ChildProcess? _process;

    /// <summary>For <c>pa_context_connect</c> and PULSE_SERVER.</summary>
    public string Address => $"unix:{_folder}/socket";

    /// <summary>The FIFO that <c>module-pipe-source</c> is told to read.</summary>
    public string PipePath => Path.Combine(_folder, "pipe");

    /// <summary>The system bus that it shall find; null: the machine's.</summary>
    public string? SystemBus { get; init; }

    /// <summary>What a killed server leaves behind.</summary>
    public void ClearSocket() => File.Delete(Path.Combine(_folder, "socket"));

    /// <param name="modules">Lines for <c>-L</c>; <c>{pipe}</c> stands for <see cref="PipePath"/>.</param>
    public static async Task<PulseServer> StartAsync(params string[] modules)
    {
        var server = new PulseServer();
        await server.BeginAsync(modules);
        return server;
    }

    /// <summary>Before this, nobody listens at <see cref="Address"/>.</summary>
    public async Task BeginAsync(params string[] modules)
    {
        const string Program = "/usr/bin/pulseaudio";
        if (!File.Exists(Program)) throw new InvalidOperationException($"{Program} is missing. Install the package pulseaudio (apt-get install pulseaudio).");
        List<string> arguments = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--realtime=no", "--high-priority=no", "-L", $"module-native-protocol-unix socket={_folder}/socket auth-anonymous=1"];
        foreach (var module in modules) arguments.AddRange(["-L", module.Replace("{pipe}", PipePath, StringComparison.Ordinal)]);
        var start = new ProcessStartInfo(Program, arguments);
        foreach (var variable in (string[])["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"]) start.Environment[variable] = _folder;
        start.Environment.Remove("DBUS_SESSION_BUS_ADDRESS");
        if (SystemBus is { } bus) start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = bus;
        var process = _process = new ChildProcess(start);
        await Eventually.TrueAsync(() => $"PulseAudio listens; it said: {Log}", () => process.HasExited ? throw new InvalidOperationException($"PulseAudio ended (a module of its Bluetooth needs the package pulseaudio-module-bluetooth): {Log}") : File.Exists(Path.Combine(_folder, "socket")));
    }

    /// <summary>SIGKILL: no goodbye to anybody.</summary>
    public void Kill() => _process?.Kill();

    /// <summary>SIGSTOP: connections stay open, and nothing answers.</summary>
    public void Freeze() => _process!.Signal(ChildProcess.Stop);

    public void Thaw() => _process!.Signal(ChildProcess.Continue);

    /// <summary>What <c>pactl</c> says of this server.</summary>
    public async Task<string> AskAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("pactl", arguments) { RedirectStandardOutput = true };
        start.Environment["PULSE_SERVER"] = Address;
        start.Environment["LC_ALL"] = "C";
        using var asked = Process.Start(start)!;
        return await asked.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Runs <c>pactl</c> on this server.</summary>
    public async Task ControlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("pactl", arguments) { RedirectStandardError = true };
        start.Environment["PULSE_SERVER"] = Address;
        using var control = Process.Start(start) ?? throw new InvalidOperationException("pactl did not start; install the Debian package pulseaudio-utils.");
        await control.WaitForExitAsync();
        Assert.True(control.ExitCode == 0, await control.StandardError.ReadToEndAsync());
    }

    /// <summary>The number of the module whose line holds this.</summary>
    public async Task<string> ModuleAsync(string text) => (await AskAsync("list", "short", "modules")).Split('\n').Single(l => l.Contains(text, StringComparison.Ordinal)).Split('\t')[0];

    public async ValueTask DisposeAsync()
    {
        _process?.Dispose();
        await Task.Run(() => Directory.Delete(_folder, recursive: true));
    }

    /// <summary>What it has said.</summary>
    public string Log => _process?.Said ?? "";
}
