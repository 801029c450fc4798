using System.Text;
using System.Text.Unicode;
using Gateway.Native.Libc;

namespace Gateway.Configuration.Yaml;

/// <summary>Reads a small text file that somebody else wrote: bounded, strictly UTF-8, and never throwing.</summary>
internal static class TextFile
{
    /// <summary>1 MiB: a house of 5,000 devices needs less.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The text without its byte order mark; null where a problem was added.</summary>
    public static string? Read(string path, Problems problems)
    {
        if (ReadBytes(path, MaxBytes, out var reason) is not { } bytes)
        {
            problems.Add($"The file cannot be read: {reason}.", "Check the path and the permissions.");
            return null;
        }

        if (bytes.Length > MaxBytes)
        {
            problems.Add($"The file is larger than {MaxBytes / 1024} KiB.", "Check that it is the right file; no configuration needs that much.");
            return null;
        }

        return Decode(bytes, problems);
    }

    /// <summary>At most <paramref name="limit"/> + 1 bytes, so that the caller sees a file that is too long; null and a reason where it cannot be read.</summary>
    public static byte[]? ReadBytes(string path, int limit, out string reason)
    {
        reason = "";
        try
        {
            if (Directory.Exists(path))
            {
                reason = "it is a folder";
                return null;
            }

            using var stream = new FileStream(RegularFile.Open(path), FileAccess.Read);
            var buffer = new MemoryStream();
            var block = new byte[16 * 1024];
            int read;
            while (buffer.Length <= limit && (read = stream.Read(block)) > 0) buffer.Write(block, 0, (int)Math.Min(read, limit + 1 - buffer.Length));
            return buffer.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            reason = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "it does not exist",
                UnauthorizedAccessException => "this user may not read it",
                _ => e.Message.TrimEnd('.'),
            };
            return null;
        }
    }

    /// <summary>The absolute folder that relative paths of a file start at; where the name has none, the current one.</summary>
    public static string FolderOf(string fileName)
    {
        // Of a name such as "" or one with a NUL, reading it has failed, or it was never a file.
        if (fileName.Length == 0 || fileName.Contains('\0', StringComparison.Ordinal)) return Environment.CurrentDirectory;
        return Path.GetDirectoryName(Path.GetFullPath(fileName)) ?? Path.GetPathRoot(Environment.CurrentDirectory)!;
    }

    private static string? Decode(byte[] bytes, Problems problems)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            problems.Add("The file is UTF-16.", "Save it as UTF-8.");
            return null;
        }

        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes);
        problems.Add(FirstInvalidLine(bytes), 1, "", "This line is not valid UTF-8.", "Save the file as UTF-8.");
        return null;
    }

    private static int FirstInvalidLine(ReadOnlySpan<byte> bytes)
    {
        // A line feed is never part of a longer UTF-8 sequence, so lines can be tried one by one.
        for (var line = 1; ; line++)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (!Utf8.IsValid(end < 0 ? bytes : bytes[..end]) || end < 0) return line;
            bytes = bytes[(end + 1)..];
        }
    }
}
