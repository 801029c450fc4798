using System.Diagnostics;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>A dbus-daemon of our own, on a socket of its own, where anybody may own any name.</summary>
internal sealed class PrivateBus : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tutti-bus-").FullName;
    private readonly string _configuration;
    private Process _process;

    /// <param name="startable">A service that the bus could start, as an installed package leaves it; null: none.</param>
    public PrivateBus(string? startable = null)
    {
        if (startable is not null) File.WriteAllText(Path.Combine(_folder, $"{startable}.service"), $"[D-BUS Service]\nName={startable}\nExec=/bin/false\n");
        _configuration = Path.Combine(_folder, "bus.conf");
        File.WriteAllText(_configuration, $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>session</type>
              <listen>unix:path={_folder}/socket</listen>
              <auth>EXTERNAL</auth>
              <servicedir>{_folder}</servicedir>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow receive_sender="*" eavesdrop="true"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """);
        _process = StartDaemon();
    }

    public string Address => $"unix:path={_folder}/socket";

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
        File.Delete(Path.Combine(_folder, "socket"));
    }

    public void Restart() => _process = StartDaemon();

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Process StartDaemon()
    {
        var process = Process.Start(new ProcessStartInfo("dbus-daemon", [$"--config-file={_configuration}", "--nofork", "--print-address"]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("dbus-daemon did not start; install the Debian package dbus-daemon.");
        if (process.StandardOutput.ReadLine() is null) throw new InvalidOperationException("dbus-daemon ended at once.");
        return process;
    }
}
