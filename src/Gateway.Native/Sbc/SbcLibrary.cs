using System.Runtime.InteropServices;

namespace Gateway.Native.Sbc;

/// <summary>Is the SBC library there?</summary>
public static class SbcLibrary
{
    /// <summary>What to tell people where <see cref="IsAvailable"/> is false.</summary>
    public const string MissingText = "The SBC codec library libsbc.so.1 is not installed.";
    public const string Remedy = "Install the Debian package libsbc1 (apt install libsbc1).";

    private static readonly Lazy<bool> s_available = new(() => NativeLibrary.TryLoad(LibSbc.Library, out _));

    public static bool IsAvailable => s_available.Value;
}
