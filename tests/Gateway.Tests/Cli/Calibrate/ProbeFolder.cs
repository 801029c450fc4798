using Gateway.Cli.Calibrate;
using NAudio.Wave;

namespace Gateway.Tests.Cli.Calibrate;

/// <summary>A folder that <c>calibrate probe --speakers 3</c> wrote, made once; and what a microphone would hear of its files.</summary>
public sealed class ProbeFolder : IDisposable
{
    /// <summary>Frames of 48 kHz by which each speaker is late.</summary>
    public static readonly int[] LateFrames = [480, 12_000, 96];

    private const int PreFrames = 30_000;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-probe-");
    private int _recordings;

    public ProbeFolder()
    {
        Result = Cli.Run(CalibrateCommand.Create(), "probe", "--speakers", "3", "--out", Path);
        Files = [.. Enumerable.Range(1, 3).Select(k => Samples(System.IO.Path.Combine(Path, $"speaker-{k}.wav")))];
    }

    public (int Exit, string Output, string Error) Result { get; }

    /// <summary>Did not exist before.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, "a", "probe");

    public IReadOnlyList<float[]> Files { get; }

    /// <summary>Speaker 2 with inverted polarity, the third quieter, a reflection of each, some noise.</summary>
    /// <param name="blocked">The speaker of this index sounds only by a reflection 4 ms behind.</param>
    public float[] Hear(int? blocked = null)
    {
        var heard = new float[PreFrames + Files[0].Length + 60_000];
        var random = new Random(1);
        for (var n = 0; n < heard.Length; n++) heard[n] = 0.002f * ((float)random.NextDouble() - 0.5f);
        for (var k = 0; k < 3; k++)
        {
            float[] gains = [0.5f, -0.4f, 0.1f];
            for (var n = 0; n < Files[k].Length; n++)
            {
                if (k == blocked)
                {
                    heard[PreFrames + LateFrames[k] + 192 + n] += gains[k] * Files[k][n];
                    continue;
                }

                heard[PreFrames + LateFrames[k] + n] += gains[k] * Files[k][n];
                heard[PreFrames + LateFrames[k] + 300 + 40 * k + n] += 0.7f * gains[k] * Files[k][n];
            }
        }

        return heard;
    }

    /// <summary>Writes a recording and returns its path.</summary>
    public string Record(float[] interleaved, WaveFormat format)
    {
        var path = System.IO.Path.Combine(_folder.FullName, $"recording-{Interlocked.Increment(ref _recordings)}.wav");
        using var writer = new WaveFileWriter(path, format);
        writer.WriteSamples(interleaved, 0, interleaved.Length);
        return path;
    }

    public string Write(byte[] content)
    {
        var path = System.IO.Path.Combine(_folder.FullName, $"recording-{Interlocked.Increment(ref _recordings)}.wav");
        File.WriteAllBytes(path, content);
        return path;
    }

    internal (int Exit, string Output, string Error) Analyse(string recording, params string[] more) =>
        Cli.Run(CalibrateCommand.Create(), ["analyse", "--probe", Path, recording, .. more]);

    public void Dispose() => _folder.Delete(recursive: true);

    private static float[] Samples(string path)
    {
        using var reader = new WaveFileReader(path);
        Assert.Equal((48_000, 1), (reader.WaveFormat.SampleRate, reader.WaveFormat.Channels));
        var samples = new float[reader.SampleCount];
        return reader.ToSampleProvider().Read(samples) == samples.Length ? samples : throw new EndOfStreamException(path);
    }
}
