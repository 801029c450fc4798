using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Files;

/// <summary>
/// The one folder below which files may be played (<c>audio.media_dir</c>). A path comes with a command, from whoever may send one: what lies elsewhere and what
/// is not there get the same answer, or the answers would tell what there is on this machine.
/// </summary>
internal sealed class MediaFolder(string? folder)
{
    /// <summary>Opens a file; a relative path starts at the folder. May wait for a disk.</summary>
    /// <exception cref="PortException">There is no such file below the folder, or it may not be read: one answer for all.</exception>
    public SafeFileHandle Open(string path)
    {
        if (folder is null) throw new PortException(PortError.Other, "No file can be played: it is not said where sound files are.", "Set audio.media_dir to their folder.");
        SafeFileHandle? file = null;
        try
        {
            // Where it lies is asked of the open file: what a link leads to may change after any other question.
            if (RegularFile.RealPath(folder) is { } media && IsBelow(media, RegularFile.RealPath(Path.Combine(folder, path))))
            {
                file = RegularFile.Open(Path.Combine(folder, path));
                if (IsBelow(media, RegularFile.PlaceOf(file))) return file;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The same as not there.
        }

        file?.Dispose();
        throw new PortException(PortError.NotReachable, $"There is no file {path} that may be played.", $"Put a WAV file below {folder} (audio.media_dir), readable by the user that the gateway runs as.");
    }

    private static bool IsBelow(string media, string? place) => place is not null && place.StartsWith(media.TrimEnd('/') + "/", StringComparison.Ordinal);
}
