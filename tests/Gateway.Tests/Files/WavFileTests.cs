using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Native.Libc;
using Microsoft.Extensions.Time.Testing;
using NAudio.Wave;

namespace Gateway.Tests.Files;

public sealed class WavFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(16, 2)]
    [InlineData(24, 1)]
    [InlineData(32, 2)]
    public void A_file_is_played_again_and_again_at_the_pace_of_the_clock(int bits, int channels)
    {
        Write(bits, channels, [0.25f, -0.5f, 0.75f]);
        using var input = WavFileInput.Open(() => RegularFile.Open(_path), _path, _time);
        var read = new float[40];

        Assert.Equal(0, input.Read(read));
        _time.Advance(TimeSpan.FromSeconds(7.0 / 44_100) + TimeSpan.FromTicks(1));

        Assert.Equal(7, input.Read(read));
        Assert.Equal(44_100, input.SampleRate);
        float[] expected = [0.25f, -0.5f, 0.75f, 0.25f, -0.5f, 0.75f, 0.25f];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], read[2 * i], 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("RIFF")]
    [InlineData("this is a letter and no sound at all, however long one makes it")]
    [InlineData("RIFF\0\0\0\0WAVEfmt \u0010\0\0\0")]
    public void A_file_that_is_no_sound_gets_one_clear_sentence(string content)
    {
        File.WriteAllText(_path, content);

        var refused = Assert.Throws<PortException>(() => WavFileInput.Open(() => RegularFile.Open(_path), _path, _time));

        Assert.Contains(_path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("WAV", $"{refused.Message} {refused.Remedy}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("x")]
    public void A_padding_byte_that_is_missing_or_filled_does_no_harm(string padding)
    {
        Write(16, 1, [0.25f, -0.5f, 0.75f]);
        var file = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, [.. file[..12], .. "LIST\u0003\0\0\0abc"u8, .. System.Text.Encoding.Latin1.GetBytes(padding), .. file[12..]]);

        using var input = WavFileInput.Open(() => RegularFile.Open(_path), _path, _time);
        _time.Advance(TimeSpan.FromSeconds(3.5 / 44_100));
        var read = new float[6];

        Assert.Equal(3, input.Read(read));
        Assert.Equal(-0.5f, read[2], 3);
    }

    [Fact]
    public void A_long_file_is_read_as_it_plays_whole_and_again_from_its_beginning_in_little_memory()
    {
        const int Frames = 5 * 44_100;
        Write(16, 1, [.. Enumerable.Range(0, Frames).Select(Sample)]);
        using var input = WavFileInput.Open(() => RegularFile.Open(_path), _path, _time);
        var heard = new List<float>();
        var block = new float[2 * 44_100];

        while (heard.Count < 2 * Frames)
        {
            Eventually.True("the next second to be read", () => input.FramesAhead > 50_000);
            _time.Advance(TimeSpan.FromSeconds(1));
            var frames = input.Read(block);
            for (var i = 0; i < frames; i++) heard.Add(block[2 * i]);
        }

        for (var i = 0; i < heard.Count; i++) Assert.InRange(heard[i] - Sample(i % Frames), -1e-4f, 1e-4f);
        Assert.InRange(input.FramesAhead, 0, 2 * 44_100);
    }

    [Fact]
    public void A_file_of_any_length_takes_two_seconds_of_memory()
    {
        Write(16, 2, [0.25f, 0.5f]);
        Lengthen(600L * 44_100 * 4); // ten minutes
        WavFileInput.Open(() => RegularFile.Open(_path), _path, _time).Dispose(); // everything is compiled

        var before = GC.GetAllocatedBytesForCurrentThread();
        using var input = WavFileInput.Open(() => RegularFile.Open(_path), _path, _time);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 700_000, 1_500_000);
    }

    [Fact]
    public void A_file_that_is_cut_off_while_it_plays_ends_the_source_with_the_reason()
    {
        Write(16, 2, [0.25f, 0.5f]);
        Lengthen(60L * 44_100 * 4);
        using var input = WavFileInput.Open(() => RegularFile.Open(_path), _path, _time);
        var block = new float[2 * 44_100];
        using (var file = File.OpenWrite(_path)) file.SetLength(44);

        Eventually.True("the end", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            input.Read(block);
            return !input.IsOpen;
        });

        Assert.Equal($"The file {_path} could not be read to its end (it has become empty).", ((IAudioInput)input).Problem);
    }

    [Fact]
    public void A_file_of_zeros_behind_a_WAV_header_is_given_up_soon()
    {
        File.WriteAllText(_path, "RIFF\0\0\0\0WAVE");
        Lengthen(1L << 40); // a terabyte of nothing, 8 bytes a step

        var refused = Assert.Throws<PortException>(() => WavFileInput.Open(() => RegularFile.Open(_path), _path, _time));

        Assert.Equal($"{_path} begins like a WAV file, and no sound follows in its first 1000 parts: it is damaged.", refused.Message);
    }

    private static float Sample(int frame) => (float)(0.9 * Math.Sin(frame * 0.01));

    /// <summary>A hole at its end, which takes no room on the disk, and a header that tells of it.</summary>
    private void Lengthen(long bytes)
    {
        using var file = File.Open(_path, FileMode.Open);
        file.SetLength(file.Length + bytes);
        if (file.Length > uint.MaxValue) return;
        foreach (var (at, size) in new[] { (4, file.Length - 8), (40, file.Length - 46) })
        {
            file.Position = at;
            file.Write(BitConverter.GetBytes((uint)size));
        }
    }

    private void Write(int bits, int channels, float[] samples)
    {
        var format = bits == 32 ? WaveFormat.CreateIeeeFloatWaveFormat(44_100, channels) : new WaveFormat(44_100, bits, channels);
        using var writer = new WaveFileWriter(_path, format);
        foreach (var sample in samples)
        {
            for (var c = 0; c < channels; c++) writer.WriteSample(sample);
        }
    }
}
