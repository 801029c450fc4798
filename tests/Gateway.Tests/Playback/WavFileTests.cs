using Gateway.Engine.Ports;
using Gateway.Playback;
using Microsoft.Extensions.Time.Testing;
using NAudio.Wave;

namespace Gateway.Tests.Playback;

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
        using var input = WavFileInput.Open(_path, _time);
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

        var refused = Assert.Throws<PortException>(() => WavFileInput.Open(_path, _time));

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

        using var input = WavFileInput.Open(_path, _time);
        _time.Advance(TimeSpan.FromSeconds(3.5 / 44_100));
        var read = new float[6];

        Assert.Equal(3, input.Read(read));
        Assert.Equal(-0.5f, read[2], 3);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var refused = Assert.Throws<PortException>(() => WavFileInput.Open("/nowhere/at/all.wav", _time));

        Assert.Equal("The file /nowhere/at/all.wav is not there.", refused.Message);
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
