using Gateway.Engine.Ports;

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
            using var recording = WavRecording.Open(path);
            if (recording.Channels is < 1 or > 8) throw Bad(path, $"has {recording.Channels} channels", "Make it mono or stereo.");
            if (recording.SampleRate is < 8_000 or > 192_000) throw Bad(path, $"has {recording.SampleRate} Hz", "Convert it to 44 100 or 48 000 Hz.");
            var seconds = (double)recording.Frames / recording.SampleRate;
            if (seconds > LongestSeconds || 2 * recording.Frames > LargestSamples) throw Bad(path, $"is {seconds / 60:0} minutes long", $"Use one of at most {LongestSeconds / 60} minutes: it is kept in memory.");
            if (recording.Frames == 0) throw Bad(path, "holds no sound", "Export it again as WAV (PCM, 16 bit).");
            return new WavFileInput(ReadStereo(recording), recording.SampleRate, time);
        }
        catch (UnreadableException no)
        {
            throw new PortException(PortError.Other, no.What, no.Remedy);
        }
        catch (IOException gone)
        {
            throw Bad(path, $"could not be read to its end ({gone.Message.TrimEnd('.')})", "Check the disk, and that the WAV file is whole.");
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

    private static float[] ReadStereo(WavRecording recording)
    {
        var (block, right) = (new float[recording.Channels * 4096], recording.Channels > 1 ? 1 : 0);
        var stereo = new List<float>((int)(2 * recording.Frames));
        int frames;
        for (var at = 0L; (frames = recording.Read(at, block)) > 0; at += frames)
        {
            for (var i = 0; i < frames * recording.Channels; i += recording.Channels)
            {
                stereo.Add(Sane(block[i]));
                stereo.Add(Sane(block[i + right]));
            }
        }

        return [.. stereo];
    }

    private static float Sane(float sample) => float.IsFinite(sample) ? Math.Clamp(sample, -1, 1) : 0;

    private static PortException Bad(string path, string what, string remedy) => new(PortError.Other, $"The file {path} {what}.", remedy);
}
