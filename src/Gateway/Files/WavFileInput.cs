using Gateway.Engine.Ports;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Files;

/// <summary>
/// A WAV file, played again and again. A thread of its own reads it as it plays, two seconds ahead: the audio thread never waits for a disk, and a file of any length
/// takes as much memory as a short one. What fits into those two seconds is held whole.
/// </summary>
internal sealed class WavFileInput : PacedInput, IAudioInput
{
    private const int AheadSeconds = 2;
    private const int ChunkFrames = 4096;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly WavRecording _recording;
    private readonly string _path;
    private readonly float[] _ring;
    private readonly float[] _block;
    private readonly bool _isWhole;
    private readonly ManualResetEventSlim _closing = new();
    private volatile string? _problem;
    private long _at; // in the file; the reader's own
    private long _filled; // published by the reader
    private long _taken; // published by the audio thread

    private WavFileInput(WavRecording recording, string path, TimeProvider time)
        : base(recording.SampleRate, time)
    {
        (_recording, _path) = (recording, path);
        _isWhole = recording.Frames <= AheadSeconds * recording.SampleRate;
        _ring = new float[2 * (_isWhole ? recording.Frames : AheadSeconds * recording.SampleRate)];
        _block = new float[recording.Channels * (int)Math.Min(ChunkFrames, _ring.Length / 2)];
        Fill();
        if (_isWhole) recording.Dispose();
        else new Thread(ReadAhead) { IsBackground = true, Name = "sound file" }.Start();
    }

    public string? Problem => _problem;

    /// <summary>Frames that are read and not played yet.</summary>
    internal long FramesAhead => Volatile.Read(ref _filled) - Volatile.Read(ref _taken);

    /// <summary>Reads its beginning: may wait for a disk.</summary>
    /// <param name="path">As it is shown.</param>
    /// <exception cref="PortException">The file is no WAV file that can be read; with the remedy.</exception>
    public static WavFileInput Open(Func<SafeFileHandle> open, string path, TimeProvider time)
    {
        WavRecording? recording = null;
        try
        {
            recording = WavRecording.Open(open, path);
            if (recording.Channels is < 1 or > 8) throw Bad(path, $"has {recording.Channels} channels", "Make it mono or stereo.");
            if (recording.SampleRate is < 8_000 or > 192_000) throw Bad(path, $"has {recording.SampleRate} Hz", "Convert it to 44 100 or 48 000 Hz.");
            if (recording.Frames == 0) throw Bad(path, "holds no sound", "Export it again as WAV (PCM, 16 bit).");
            return new WavFileInput(recording, path, time);
        }
        catch (Exception error) when (error is UnreadableException or IOException or PortException)
        {
            recording?.Dispose();
            if (error is UnreadableException no) throw new PortException(PortError.Other, no.What, no.Remedy);
            if (error is IOException gone) throw Bad(path, Unread(gone), "Check the disk, and that the WAV file is whole.");
            throw;
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _closing.Set();
    }

    protected override void Fill(long position, Span<float> stereo)
    {
        if (_isWhole)
        {
            FillFromWhole(position, stereo);
            return;
        }

        var frames = (int)Math.Min(stereo.Length / 2, Volatile.Read(ref _filled) - _taken);
        for (var done = 0; done < frames;)
        {
            var at = (int)((_taken + done) % (_ring.Length / 2));
            var part = Math.Min(frames - done, (_ring.Length / 2) - at);
            _ring.AsSpan(2 * at, 2 * part).CopyTo(stereo[(2 * done)..]);
            done += part;
        }

        // A disk that does not keep up is heard as a pause, and nothing of the sound is lost.
        stereo[(2 * frames)..].Clear();
        Volatile.Write(ref _taken, _taken + frames);
    }

    private void FillFromWhole(long position, Span<float> stereo)
    {
        while (!stereo.IsEmpty)
        {
            var at = (int)(2 * position % _ring.Length);
            var count = Math.Min(stereo.Length, _ring.Length - at);
            _ring.AsSpan(at, count).CopyTo(stereo);
            stereo = stereo[count..];
            position += count / 2;
        }
    }

    private void ReadAhead()
    {
        try
        {
            while (!_closing.Wait(s_look)) Fill();
        }
        catch (Exception error)
        {
            // Whatever it is, it ends this source and nothing else; it is opened anew.
            _problem = $"The file {_path} {Unread(error)}.";
            Dispose();
        }

        _recording.Dispose();
    }

    /// <summary>Until nothing more fits. The reader's; at first that of whoever opens it.</summary>
    private void Fill()
    {
        var right = _recording.Channels > 1 ? 1 : 0;
        var least = _isWhole ? 1 : ChunkFrames;
        while (true)
        {
            var room = (_ring.Length / 2) - (_filled - Volatile.Read(ref _taken));
            if (room < least) return;
            var frames = _recording.Read(_at, _block.AsSpan(0, _recording.Channels * (int)Math.Min(room, _block.Length / _recording.Channels)));
            if (frames == 0 && _at == 0) throw new IOException("it has become empty");
            for (var i = 0; i < frames; i++)
            {
                var at = (int)((_filled + i) % (_ring.Length / 2));
                _ring[2 * at] = Sane(_block[i * _recording.Channels]);
                _ring[(2 * at) + 1] = Sane(_block[(i * _recording.Channels) + right]);
            }

            _at = frames == 0 || _at + frames >= _recording.Frames ? 0 : _at + frames;
            Volatile.Write(ref _filled, _filled + frames);
        }
    }

    private static float Sane(float sample) => float.IsFinite(sample) ? Math.Clamp(sample, -1, 1) : 0;

    private static string Unread(Exception error) => $"could not be read to its end ({error.Message.TrimEnd('.')})";

    private static PortException Bad(string path, string what, string remedy) => new(PortError.Other, $"The file {path} {what}.", remedy);
}
