using Gateway.Engine.Ports;
using NAudio.Wave;

namespace Gateway.Playback;

/// <summary>A WAV file, played again and again. It is read whole when it is opened: the audio thread never waits for a disk.</summary>
internal sealed class WavFileInput : PacedInput
{
    private const int LongestSeconds = 600;
    private const long LargestSamples = 1 << 26; // 256 MB
    private readonly float[] _stereo;

    private WavFileInput(float[] stereo, int sampleRate, TimeProvider time)
        : base(sampleRate, time) => _stereo = stereo;

    /// <exception cref="PortException">The file is not there, is no WAV file that can be read, or is too long; with the remedy.</exception>
    public static WavFileInput Open(string path, TimeProvider time)
    {
        if (!File.Exists(path)) throw Bad(path, "is not there", "Check the path; it must be readable by the user that the gateway runs as.");
        try
        {
            using var reader = new WaveFileReader(path);
            var format = reader.WaveFormat;
            if (format.Channels is < 1 or > 8) throw Bad(path, $"has {format.Channels} channels", "Make it mono or stereo.");
            if (format.SampleRate is < 8_000 or > 192_000) throw Bad(path, $"has {format.SampleRate} Hz", "Convert it to 44 100 or 48 000 Hz.");
            if (reader.TotalTime.TotalSeconds > LongestSeconds) throw Bad(path, $"is {reader.TotalTime.TotalMinutes:0} minutes long", $"Use one of at most {LongestSeconds / 60} minutes: it is kept in memory.");
            var stereo = ReadStereo(reader.ToSampleProvider(), format.Channels, path);
            if (stereo.Length == 0) throw Bad(path, "holds no sound", "Export it again as WAV (PCM, 16 bit).");
            return new WavFileInput(stereo, format.SampleRate, time);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or InvalidDataException or EndOfStreamException or ArgumentException or IOException
            or UnauthorizedAccessException or NotSupportedException or OverflowException or IndexOutOfRangeException or OutOfMemoryException)
        {
            throw Bad(path, $"is no WAV file that can be read ({e.Message.TrimEnd('.')})", "Export it as WAV (PCM, 16 bit), for example with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
        }
    }

    protected override void Fill(long position, Span<float> stereo)
    {
        while (!stereo.IsEmpty)
        {
            var at = (int)(2 * position % _stereo.Length);
            var count = Math.Min(stereo.Length, _stereo.Length - at);
            _stereo.AsSpan(at, count).CopyTo(stereo);
            stereo = stereo[count..];
            position += count / 2;
        }
    }

    private static float[] ReadStereo(ISampleProvider samples, int channels, string path)
    {
        var raw = new float[channels * 4096];
        var stereo = new List<float>();
        int count;
        while ((count = samples.Read(raw)) > 0)
        {
            for (var i = 0; i + channels <= count; i += channels)
            {
                stereo.Add(Sane(raw[i]));
                stereo.Add(Sane(raw[i + (channels > 1 ? 1 : 0)]));
            }

            if (stereo.Count > LargestSamples) throw Bad(path, "is too long", "Use a shorter one: it is kept in memory.");
        }

        return [.. stereo];
    }

    private static float Sane(float sample) => float.IsFinite(sample) ? Math.Clamp(sample, -1, 1) : 0;

    private static PortException Bad(string path, string what, string remedy) => new(PortError.Other, $"The file {path} {what}.", remedy);
}
