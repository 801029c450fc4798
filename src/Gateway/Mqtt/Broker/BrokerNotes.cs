using System.Globalization;

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
        try
        {
            return [.. Directory.EnumerateFiles(Folder, Prefix + "*").Select(f => Path.GetFileName(f)[Prefix.Length..])
                .Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : 0)
                .Where(p => p > 0).Order()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Null: it cannot be written, which costs a convenience only.</summary>
    public BrokerNote? Leave(int port)
    {
        if (OperatingSystem.IsWindows()) return null; // a folder's mode is a thing of Unix

        try
        {
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var path = Path.Combine(Folder, Prefix + port.ToString(CultureInfo.InvariantCulture));
            File.WriteAllBytes(path, []);
            return new BrokerNote(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A note; gone when disposed.</summary>
internal sealed class BrokerNote(string path) : IDisposable
{
    public void Dispose()
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A reader tries the port.
        }
    }
}
