namespace Gateway.Native.Sbc;

/// <summary>
/// Encodes one SBC stream: one frame of interleaved 16-bit PCM at a time. Used by one thread at a time; encoding allocates nothing.
/// </summary>
public sealed unsafe class SbcEncoder : IDisposable
{
    private readonly SbcHandle _handle = new();

    /// <param name="configuration">The four bytes that both ends agreed on (A2DP, SBC codec specific information elements).</param>
    public SbcEncoder(ReadOnlySpan<byte> configuration)
    {
        fixed (byte* bytes = configuration)
        {
            if (LibSbc.InitA2dp(_handle.State, 0, bytes, (nuint)configuration.Length) != 0)
                throw new ArgumentException($"SBC configuration {Convert.ToHexString(configuration)} is not valid.", nameof(configuration));
        }

        // The library starts at 32 whatever was agreed; 0 = little endian samples.
        _handle.State->Bitpool = configuration[3];
        _handle.State->Endian = 0;
        PcmBytesPerFrame = (int)LibSbc.CodeSize(_handle.State);
    }

    /// <summary>PCM bytes that one frame takes.</summary>
    public int PcmBytesPerFrame { get; }

    /// <summary>Bytes of one encoded frame at the present bitpool.</summary>
    public int FrameLength => (int)LibSbc.FrameLength(_handle.State);

    /// <summary>Bits for the samples of a block: lower is less air time and more noise. Changes from the next frame on, as SBC allows.</summary>
    public int Bitpool
    {
        get => _handle.State->Bitpool;
        set => _handle.State->Bitpool = (byte)value;
    }

    /// <summary>Encodes one frame and returns its length; 0 where <paramref name="output"/> is too small, the PCM is short or the library refuses it.</summary>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> output)
    {
        if (pcm.Length * sizeof(short) < PcmBytesPerFrame) return 0;
        nint written = 0;
        fixed (short* input = pcm)
        fixed (byte* bytes = output)
        {
            var consumed = LibSbc.Encode(_handle.State, input, (nuint)PcmBytesPerFrame, bytes, (nuint)output.Length, &written);
            // Where the bitpool is beyond SBC's, the PCM counts as consumed and what is "written" is an error number.
            return consumed == PcmBytesPerFrame && written > 0 && written <= output.Length ? (int)written : 0;
        }
    }

    public void Dispose() => _handle.Dispose();
}
