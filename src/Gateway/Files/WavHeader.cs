using System.Buffers;
using System.Buffers.Binary;

namespace Gateway.Files;

/// <summary>How a sample is stored, little-endian.</summary>
internal enum WavEncoding
{
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
}

/// <summary>What a WAV file says of itself (Multimedia Programming Interface 1.0; WAVEFORMATEXTENSIBLE; EBU Tech 3306 for RF64), as far as it can be true.</summary>
/// <param name="DataStart">Position of the first sample.</param>
/// <param name="DataLength">Bytes, never beyond the file's end.</param>
internal sealed record WavHeader(WavEncoding Encoding, int Channels, int SampleRate, int FrameBytes, long DataStart, long DataLength)
{
    private const string Remedy = "Export it as WAV (PCM, 16 or 24 bit), for example with: ffmpeg -i IN -c:a pcm_s16le OUT.wav";

    /// <summary>Recorders write a handful; a file of zeros is nothing but empty chunks, a step of 8 bytes each.</summary>
    private const int MaxChunks = 1000;
    private const ushort Pcm = 1;
    private const ushort IeeeFloat = 3;
    private const ushort Extensible = 0xFFFE;

    private static readonly SearchValues<byte> s_nameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 "u8);

    /// <exception cref="UnreadableException">It is no WAV file, or its sound is stored in a way that is not read.</exception>
    public static WavHeader Read(Stream file, string path)
    {
        Span<byte> start = stackalloc byte[12];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start[8..].SequenceEqual("WAVE"u8) || !IsRiff(start))
            throw new UnreadableException($"{path} is no WAV file.", Remedy);

        var riffLength = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        var isRiffTrue = riffLength + 8L == file.Length || riffLength + 8L == file.Length - 1;
        (Format Format, bool Found) format = default;
        (long Start, long Length, bool Found) data = default;
        long? longLength = null;
        var chunks = 0;
        for (var at = 12L; at + 8 <= file.Length && !(format.Found && data.Found);)
        {
            if (++chunks > MaxChunks) throw new UnreadableException($"{path} begins like a WAV file, and no sound follows in its first {MaxChunks} parts: it is damaged.", "Copy or record it again.");
            var (id, size) = ReadChunk(file, at);
            var content = at + 8;
            switch (id)
            {
                case "ds64":
                    longLength = ReadLongLength(file, content);
                    break;
                case "fmt ":
                    format = (Format.Read(file, content, size, path), true);
                    break;
                case "data" when !data.Found:
                    data = (content, LengthOf(size, longLength, file.Length - content, isRiffTrue), true);
                    size = data.Length;
                    break;
            }

            at = SkipPadding(file, content + size, size);
        }

        if (!format.Found || !data.Found) throw new UnreadableException($"{path} is a WAV file without {(format.Found ? "sound" : "a description of its sound")}: it was cut off or damaged.", "Copy or record it again.");
        return new WavHeader(format.Format.Encoding, format.Format.Channels, format.Format.SampleRate, format.Format.FrameBytes, data.Start, data.Length);
    }

    private static bool IsRiff(ReadOnlySpan<byte> start) => start.StartsWith("RIFF"u8) || start.StartsWith("RF64"u8) || start.StartsWith("BW64"u8);

    /// <summary>
    /// A size of 4 GB stands for "see ds64" or "not known"; 0 is what a recorder that was cut off leaves, unless the file's whole length is right; and
    /// no size reaches beyond the end.
    /// </summary>
    private static long LengthOf(long size, long? longLength, long left, bool isRiffTrue)
    {
        var length = size == uint.MaxValue ? longLength ?? left : size;
        return length <= 0 && !isRiffTrue ? left : Math.Clamp(length, 0, left);
    }

    private static (string Id, long Size) ReadChunk(Stream file, long at)
    {
        Span<byte> head = stackalloc byte[8];
        file.Position = at;
        file.ReadExactly(head);
        return (System.Text.Encoding.Latin1.GetString(head[..4]), BinaryPrimitives.ReadUInt32LittleEndian(head[4..]));
    }

    private static long? ReadLongLength(Stream file, long at)
    {
        Span<byte> sizes = stackalloc byte[16];
        file.Position = at;
        return file.ReadAtLeast(sizes, sizes.Length, throwOnEndOfStream: false) == sizes.Length ? BinaryPrimitives.ReadInt64LittleEndian(sizes[8..]) : null;
    }

    /// <summary>An odd chunk is followed by a zero. Some writers forget it, others leave there what was in memory: it is where the next chunk's name follows.</summary>
    private static long SkipPadding(Stream file, long at, long size)
    {
        if (size % 2 == 0 || at + 8 > file.Length) return at;
        Span<byte> next = stackalloc byte[5];
        file.Position = at;
        file.ReadExactly(next);
        return IsName(next[..4]) && !IsKnown(next[1..]) ? at : at + 1;
    }

    /// <summary>Four letters, digits or blanks, the first no blank.</summary>
    private static bool IsName(ReadOnlySpan<byte> name) => name[0] != ' ' && name.IndexOfAnyExcept(s_nameBytes) < 0;

    /// <summary>A name that a stray letter before it must not hide: <c>xdata</c> is <c>data</c> behind a padding of <c>x</c>.</summary>
    private static bool IsKnown(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("fmt "u8) || name.SequenceEqual("data"u8) || name.SequenceEqual("LIST"u8) || name.SequenceEqual("fact"u8) || name.SequenceEqual("bext"u8) || name.SequenceEqual("cue "u8) || name.SequenceEqual("JUNK"u8);

    private readonly record struct Format(WavEncoding Encoding, int Channels, int SampleRate, int FrameBytes)
    {
        public static Format Read(Stream file, long at, long size, string path)
        {
            Span<byte> fields = stackalloc byte[40];
            fields.Clear();
            file.Position = at;
            var length = file.ReadAtLeast(fields[..(int)Math.Min(size, fields.Length)], (int)Math.Min(size, fields.Length), throwOnEndOfStream: false);
            if (length < 16) throw new UnreadableException($"{path} is a WAV file whose description is cut off.", "Copy or record it again.");

            var tag = BinaryPrimitives.ReadUInt16LittleEndian(fields);
            var channels = BinaryPrimitives.ReadUInt16LittleEndian(fields[2..]);
            var rate = BinaryPrimitives.ReadUInt32LittleEndian(fields[4..]);
            var frameBytes = BinaryPrimitives.ReadUInt16LittleEndian(fields[12..]);
            var bits = BinaryPrimitives.ReadUInt16LittleEndian(fields[14..]);
            // The sub-format's first two bytes are the tag that stood here before.
            if (tag == Extensible && length >= 26) tag = BinaryPrimitives.ReadUInt16LittleEndian(fields[24..]);
            if (channels == 0 || rate is 0 or > int.MaxValue) throw new UnreadableException($"{path} says that it has {channels} channels and {rate} Hz: it is damaged.", "Copy or record it again.");

            // 24 bits may stand in four bytes, at their upper end: the container counts, where it is one.
            var sampleBytes = frameBytes % channels == 0 && frameBytes / channels >= (bits + 7) / 8 ? frameBytes / channels : (bits + 7) / 8;
            WavEncoding encoding = (tag, sampleBytes) switch
            {
                (Pcm, 1) => WavEncoding.Unsigned8,
                (Pcm, 2) => WavEncoding.Signed16,
                (Pcm, 3) => WavEncoding.Signed24,
                (Pcm, 4) => WavEncoding.Signed32,
                (IeeeFloat, 4) => WavEncoding.Float32,
                (IeeeFloat, 8) => WavEncoding.Float64,
                (Pcm or IeeeFloat, _) => throw new UnreadableException($"{path} has samples of {bits} bits, which are not read.", Remedy),
                _ => throw new UnreadableException($"{path} is a WAV file with compressed sound (format {tag}).", Remedy),
            };
            return new Format(encoding, channels, (int)rate, sampleBytes * channels);
        }
    }
}
