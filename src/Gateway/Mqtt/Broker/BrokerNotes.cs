using System.Globalization;
using Gateway.Storage;

namespace Gateway.Mqtt.Broker;

/// <summary>
/// Where brokers inside a program tell this user's other programs their ports, which may be any: one empty file a broker, named by its port.
/// Of several demos each has its own. A note may outlive its broker (a killed program): whoever reads it tries the port.
/// </summary>
/// <param name="Folder">Ours alone: what stands there is connected to.</param>
internal sealed record BrokerNotes(string Folder)
{
    private const string Prefix = "broker-";

    /// <summary>The user's run directory, else root's, else a folder of the user's state: each is emptied, or at least writable, by nobody else.</summary>
    public static BrokerNotes Default { get; } = new(Path.Combine(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } run && Directory.Exists(run) ? run
        : Environment.UserName == "root" ? "/run"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"), "tutti"));

    /// <summary>Ports on 127.0.0.1, in ascending order.</summary>
    public IReadOnlyList<int> Ports()
    {
        List<int> ports = [];
        StorageTrouble.Try(() => ports.AddRange(Directory.EnumerateFiles(Folder, Prefix + "*").Select(f => Path.GetFileName(f)[Prefix.Length..])
            .Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : 0)
            .Where(p => p > 0).Order()));
        return ports;
    }

    /// <summary>Null: it cannot be written, which costs a convenience only.</summary>
    public BrokerNote? Leave(int port)
    {
        var path = Path.Combine(Folder, Prefix + port.ToString(CultureInfo.InvariantCulture));
        return StorageTrouble.Try(() =>
        {
            // A folder's mode is a thing of Unix.
            if (!OperatingSystem.IsWindows()) Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllBytes(path, []);
        }) is null ? new BrokerNote(path) : null;
    }
}

/// <summary>A note; gone when disposed.</summary>
internal sealed class BrokerNote(string path) : IDisposable
{
    /// <summary>Where it stays, a reader tries the port.</summary>
    public void Dispose() => StorageTrouble.Try(() => File.Delete(path));
}
