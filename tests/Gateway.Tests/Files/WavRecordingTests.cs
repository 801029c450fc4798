using System.Buffers.Binary;
using System.Text;
using Gateway.Files;

namespace Gateway.Tests.Files;

/// <summary>Files as recorders leave them.</summary>
public sealed class WavRecordingTests : IDisposable
{
    private static readonly byte[] s_sound = [0, 0, 0, 64, 0, 192, 0, 128]; // 0, 0.5, -0.5, -1
    private static readonly byte[] s_mono16 = Chunk("fmt ", Format(1, 1, 48_000, 2, 16));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, byte[]> Good { get; } = new()
    {
        { "as it should be", Riff([.. s_mono16, .. Chunk("data", s_sound)]) },
        { "sizes of 0", Riff([.. s_mono16, .. Chunk("data", s_sound, 0)], 0) },
        { "sizes of 4 GB", Riff([.. s_mono16, .. Chunk("data", s_sound, uint.MaxValue)], uint.MaxValue) },
        { "a size beyond the end", Riff([.. s_mono16, .. Chunk("data", s_sound, 4_000_000)]) },
        { "half a frame at the end", Riff([.. s_mono16, .. Chunk("data", [.. s_sound, 7], 4_000_000)]) },
        { "an odd chunk before", Riff([.. Chunk("LIST", [1, 2, 3]), 0, .. s_mono16, .. Chunk("data", s_sound)]) },
        { "an odd chunk before, its zero forgotten", Riff([.. Chunk("LIST", [1, 2, 3]), .. s_mono16, .. Chunk("data", s_sound)]) },
        { "an odd chunk before, filled up with what was in memory", Riff([.. Chunk("LIST", [1, 2, 3]), 0xCC, .. s_mono16, .. Chunk("data", s_sound)]) },
        { "an odd chunk before, filled up with a letter", Riff([.. Chunk("LIST", [1, 2, 3]), (byte)'x', .. s_mono16, .. Chunk("data", s_sound)]) },
        { "odd chunks before the sound, filled and forgotten in turn", Riff([.. s_mono16, .. Chunk("fact", [1]), (byte)' ', .. Chunk("abcd", [7]), .. Chunk("junk", [7]), (byte)'Z', .. Chunk("data", s_sound)]) },
        { "chunks behind", Riff([.. s_mono16, .. Chunk("data", s_sound), .. Chunk("cue ", [1, 0, 0, 0])]) },
        { "sound before its description", Riff([.. Chunk("data", s_sound), .. s_mono16]) },
        { "RF64", [.. "RF64"u8, 255, 255, 255, 255, .. "WAVE"u8, .. Chunk("ds64", LongSizes(8)), .. s_mono16, .. Chunk("data", s_sound, uint.MaxValue), .. Chunk("cue ", [1, 0, 0, 0])] },
        { "RF64 that lies", [.. "RF64"u8, 255, 255, 255, 255, .. "WAVE"u8, .. Chunk("ds64", LongSizes(long.MaxValue)), .. s_mono16, .. Chunk("data", s_sound, uint.MaxValue)] },
        { "extensible", Riff([.. Chunk("fmt ", [.. Format(0xFFFE, 1, 48_000, 2, 16), 22, 0, 16, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113]), .. Chunk("data", s_sound)]) },
        { "24 bit", Riff([.. Chunk("fmt ", Format(1, 1, 48_000, 3, 24)), .. Chunk("data", [0, 0, 0, 0, 0, 64, 0, 0, 192, 0, 0, 128])]) },
        { "24 bit in 32", Riff([.. Chunk("fmt ", Format(1, 1, 48_000, 4, 24)), .. Chunk("data", [0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 192, 0, 0, 0, 128])]) },
        { "float", Riff([.. Chunk("fmt ", Format(3, 1, 48_000, 4, 32)), .. Chunk("data", [.. Float(0), .. Float(0.5f), .. Float(-0.5f), .. Float(-1)])]) },
        { "8 bit", Riff([.. Chunk("fmt ", Format(1, 1, 48_000, 1, 8)), .. Chunk("data", [128, 192, 64, 0])]) },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Good))]
    public void The_sound_is_read_whatever_stands_around_it(string what, byte[] file)
    {
        using var recording = WavRecording.Open(_folder.Write("a.wav", file));
        var samples = new float[8];

        Assert.Equal((4L, 4, 48_000), (recording.Frames, recording.Read(0, samples), recording.SampleRate));
        Assert.True(samples.AsSpan(0, 4).SequenceEqual([0f, 0.5f, -0.5f, -1f]), $"{what}: {string.Join(' ', samples)}");
        Assert.Equal((1, 0), (recording.Read(3, samples), recording.Read(4, samples)));
    }

    [Fact]
    public void An_empty_recording_has_no_frames()
    {
        using var recording = WavRecording.Open(_folder.Write("a.wav", Riff([.. s_mono16, .. Chunk("data", [])])));

        Assert.Equal(0, recording.Frames);
    }

    [Theory]
    [InlineData("", "is no WAV file.")]
    [InlineData("this is a letter and no sound at all", "is no WAV file.")]
    [InlineData("RIFF\0\0\0\0WAVE", "is a WAV file without a description of its sound")]
    [InlineData("RIFF\0\0\0\0WAVEfmt \u0002\0\0\0\u0001\0", "whose description is cut off")]
    public void What_is_no_recording_gets_one_clear_sentence(string content, string words)
    {
        var no = Assert.Throws<UnreadableException>(() => WavRecording.Open(_folder.Write("a.wav", Encoding.Latin1.GetBytes(content))));

        Assert.Contains(words, no.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x55, 1, 48_000, 1, 0, "compressed sound (format 85)")]
    [InlineData(1, 0, 48_000, 2, 16, "0 channels and 48000 Hz: it is damaged")]
    [InlineData(1, 1, 0, 2, 16, "1 channels and 0 Hz: it is damaged")]
    [InlineData(1, 1, 48_000, 7, 56, "samples of 56 bits")]
    [InlineData(1, 300, 48_000, 600, 16, "has 300 channels; at most 256 are read")]
    public void A_kind_that_is_not_read_is_named(int tag, int channels, int rate, int frameBytes, int bits, string words)
    {
        var file = Riff([.. Chunk("fmt ", Format(tag, channels, rate, frameBytes, bits)), .. Chunk("data", s_sound)]);

        var no = Assert.Throws<UnreadableException>(() => WavRecording.Open(_folder.Write("a.wav", file)));

        Assert.Contains(words, no.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_and_a_missing_file_are_named()
    {
        Assert.Contains("is a folder", Assert.Throws<UnreadableException>(() => WavRecording.Open(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.StartsWith("There is no ", Assert.Throws<UnreadableException>(() => WavRecording.Open(Path.Combine(_folder.Path, "b.wav"))).Message, StringComparison.Ordinal);
    }

    private static byte[] Riff(byte[] content, uint? size = null) => [.. "RIFF"u8, .. Number(size ?? (uint)content.Length + 4), .. "WAVE"u8, .. content];

    private static byte[] Chunk(string id, byte[] content, uint? size = null) => [.. Encoding.ASCII.GetBytes(id), .. Number(size ?? (uint)content.Length), .. content];

    private static byte[] Format(int tag, int channels, int rate, int frameBytes, int bits) =>
        [(byte)tag, (byte)(tag >> 8), (byte)channels, (byte)(channels >> 8), .. Number((uint)rate), .. Number((uint)(rate * frameBytes)), (byte)frameBytes, (byte)(frameBytes >> 8), (byte)bits, 0];

    private static byte[] LongSizes(long data)
    {
        var sizes = new byte[28];
        BinaryPrimitives.WriteInt64LittleEndian(sizes.AsSpan(8), data);
        return sizes;
    }

    private static byte[] Number(uint value) => BitConverter.GetBytes(value);

    private static byte[] Float(float value) => BitConverter.GetBytes(value);
}
