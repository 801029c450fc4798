using System.Text;

namespace Gateway.Configuration.Yaml;

/// <summary>
/// Resolves <c>!env NAME</c> and <c>!file PATH</c> (relative to <paramref name="folder"/>). What is read is kept as it is, blanks at its ends too; only the
/// one line end that editors add to a file is dropped. Its messages never hold what was read.
/// </summary>
internal sealed class Secrets(string folder)
{
    /// <summary>64 KiB: no password or token is longer.</summary>
    private const int MaxBytes = 64 * 1024;

    public static (string? Text, string Message, string Remedy) FromEnvironment(string name)
    {
        if (name.Length is 0 or > 128 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]))
        {
            return (null, "!env needs the name of an environment variable.", "Write for example !env MQTT_PASSWORD: letters, digits and underscores.");
        }

        return Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value.Any(char.IsControl)
                ? (null, $"The environment variable {name} holds {NameOfControl(value)}.", value[^1] == '\r' ? "The file that sets it was saved with Windows line ends: save it with Unix ones (LF)." : $"Set {name} without it.")
                : (value, "", "")
            : (null, $"The environment variable {name} is not set, or empty.", $"Set {name} before Tutti starts.");
    }

    public (string? Text, string Message, string Remedy) FromFile(string path)
    {
        if (path.Length == 0) return (null, "!file needs a path.", "Write for example !file mqtt-password.txt.");
        var shown = Problems.Quote(path);
        var remedy = "Give a file that holds the secret alone, in UTF-8; a relative path starts at the folder of this configuration.";
        if (path.Contains('\0', StringComparison.Ordinal)) return (null, "The path of !file is not valid.", remedy);
        if (TextFile.ReadBytes(Path.Combine(folder, path), MaxBytes, out var reason) is not { } bytes) return (null, $"The file {shown} cannot be read: {reason}.", remedy);
        if (bytes.Length > MaxBytes) return (null, $"The file {shown} is larger than {MaxBytes / 1024} KiB.", remedy);
        if (!System.Text.Unicode.Utf8.IsValid(bytes)) return (null, $"The file {shown} is not UTF-8.", remedy);
        var text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
        text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        if (text.Length == 0) return (null, $"The file {shown} is empty.", remedy);
        if (text.AsSpan().ContainsAny('\r', '\n')) return (null, $"The file {shown} holds more than one line.", remedy);
        return text.Any(char.IsControl) ? (null, $"The file {shown} holds {NameOfControl(text)}.", remedy) : (text, "", "");
    }

    private static string NameOfControl(string text) => text.First(char.IsControl) switch
    {
        '\r' or '\n' => "a line end",
        '\t' => "a tab",
        var other => $"a control character (U+{(int)other:X4})",
    };
}
