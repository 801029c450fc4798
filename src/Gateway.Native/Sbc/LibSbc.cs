using System.Runtime.InteropServices;

namespace Gateway.Native.Sbc;

/// <summary>libsbc 2.0 (Debian package libsbc1).</summary>
internal static unsafe partial class LibSbc
{
    public const string Library = "libsbc.so.1";

    /// <summary><c>sbc_t</c>, 32 bytes on 64-bit machines.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct State
    {
        public nuint Flags;
        public byte Frequency;
        public byte Blocks;
        public byte Subbands;
        public byte Mode;
        public byte Allocation;
        public byte Bitpool;
        public byte Endian;
        public void* Private;
        public void* PrivateAllocation;
    }

    [LibraryImport(Library, EntryPoint = "sbc_init")]
    public static partial int Init(State* state, nuint flags);

    [LibraryImport(Library, EntryPoint = "sbc_init_a2dp")]
    public static partial int InitA2dp(State* state, nuint flags, byte* configuration, nuint length);

    /// <summary>Returns the bytes consumed, negative on error.</summary>
    [LibraryImport(Library, EntryPoint = "sbc_encode")]
    public static partial nint Encode(State* state, void* input, nuint inputLength, void* output, nuint outputLength, nint* written);

    /// <summary>Returns the bytes consumed, negative on error.</summary>
    [LibraryImport(Library, EntryPoint = "sbc_decode")]
    public static partial nint Decode(State* state, void* input, nuint inputLength, void* output, nuint outputLength, nuint* written);

    [LibraryImport(Library, EntryPoint = "sbc_get_codesize")]
    public static partial nuint CodeSize(State* state);

    [LibraryImport(Library, EntryPoint = "sbc_get_frame_length")]
    public static partial nuint FrameLength(State* state);

    [LibraryImport(Library, EntryPoint = "sbc_finish")]
    public static partial void Finish(State* state);
}
