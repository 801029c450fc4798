namespace Gateway.Native.Sbc;

/// <summary>Decodes one SBC stream into interleaved 16-bit PCM. Used by one thread at a time; decoding allocates nothing.</summary>
public sealed unsafe class SbcDecoder : IDisposable
{
    private readonly SbcHandle _handle = new();

    public SbcDecoder()
    {
        _ = LibSbc.Init(_handle.State, 0);
        _handle.State->Endian = 0;
    }

    /// <summary>1 or 2, known after the first frame.</summary>
    public int Channels => _handle.State->Mode == 0 ? 1 : 2;

    /// <summary>Decodes one frame; returns the bytes consumed (0: not an SBC frame) and the samples (all channels) written.</summary>
    public int Decode(ReadOnlySpan<byte> input, Span<short> pcm, out int samples)
    {
        samples = 0;
        if (input.IsEmpty || input[0] != SyncWord) return 0;
        nuint written = 0;
        fixed (byte* bytes = input)
        fixed (short* output = pcm)
        {
            var consumed = LibSbc.Decode(_handle.State, bytes, (nuint)input.Length, output, (nuint)(pcm.Length * sizeof(short)), &written);
            if (consumed <= 0 || consumed > input.Length || written > (nuint)(pcm.Length * sizeof(short))) return 0;
            samples = (int)written / sizeof(short);
            return (int)consumed;
        }
    }

    /// <summary>A2DP 1.3 §12.9: every SBC frame begins with it.</summary>
    private const byte SyncWord = 0x9C;

    public void Dispose() => _handle.Dispose();
}
