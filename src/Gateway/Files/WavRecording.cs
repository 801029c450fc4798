using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gateway.Alignment.Calibration;
using Gateway.Native.Libc;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Files;

/// <summary>
/// A WAV file of any recorder, read piece by piece. Not by NAudio's reader, because recorders that were stopped or ran
/// long leave sizes of 0, 4 GB or beyond the file's end in their headers, others forget or fill a padding byte, and such a file is as good as any.
/// </summary>
internal sealed class WavRecording : IRecording, IDisposable
{
    private const int MaxChannels = 256;
    private readonly FileStream _file;
    private readonly WavHeader _header;
    private byte[] _bytes = [];

    private WavRecording(FileStream file, WavHeader header)
    {
        (_file, _header) = (file, header);
        // A file cut in the middle of a frame ends with the frame before.
        Frames = header.DataLength / header.FrameBytes;
    }

    public int SampleRate => _header.SampleRate;

    public int Channels => _header.Channels;

    public long Frames { get; }

    /// <exception cref="UnreadableException">It is not there, or no WAV file that can be read.</exception>
    public static WavRecording Open(string path)
    {
        if (Directory.Exists(path)) throw new UnreadableException($"{path} is a folder.", "Give the WAV file itself.");
        return Open(() => RegularFile.Open(path), path);
    }

    /// <param name="path">As it is shown.</param>
    /// <exception cref="UnreadableException">It is not there, or no WAV file that can be read.</exception>
    public static WavRecording Open(Func<SafeFileHandle> open, string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(open(), FileAccess.Read, bufferSize: 0);
            var header = WavHeader.Read(file, path);
            if (header.Channels > MaxChannels) throw new UnreadableException($"{path} has {header.Channels} channels; at most {MaxChannels} are read.", "Export fewer.");
            return new WavRecording(file, header);
        }
        catch (Exception e) when (e is UnreadableException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            file?.Dispose();
            if (e is UnreadableException) throw;
            throw e is FileNotFoundException or DirectoryNotFoundException
                ? new UnreadableException($"There is no {path}.", "Check the path of the recording.")
                : new UnreadableException($"{path} cannot be read ({e.Message.TrimEnd('.')}).", "Check the path and its rights.");
        }
    }

    public int Read(long fromFrame, Span<float> interleaved)
    {
        var frames = (int)Math.Clamp(Frames - fromFrame, 0, interleaved.Length / Channels);
        var length = frames * _header.FrameBytes;
        if (_bytes.Length < length) _bytes = new byte[length];
        var bytes = _bytes.AsSpan(0, length);
        _file.Position = _header.DataStart + (fromFrame * _header.FrameBytes);
        frames = _file.ReadAtLeast(bytes, length, throwOnEndOfStream: false) / _header.FrameBytes;
        Decode(bytes, interleaved[..(frames * Channels)]);
        return frames;
    }

    public void Dispose() => _file.Dispose();

    private void Decode(ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        switch (_header.Encoding)
        {
            case WavEncoding.Float32:
                MemoryMarshal.Cast<byte, float>(bytes)[..samples.Length].CopyTo(samples);
                break;
            case WavEncoding.Float64:
                for (var i = 0; i < samples.Length; i++) samples[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                break;
            case WavEncoding.Unsigned8:
                for (var i = 0; i < samples.Length; i++) samples[i] = (bytes[i] - 128) / 128f;
                break;
            case WavEncoding.Signed16:
                for (var i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) / 32_768f;
                break;
            case WavEncoding.Signed24:
                for (var i = 0; i < samples.Length; i++) samples[i] = ((bytes[3 * i] << 8) | (bytes[(3 * i) + 1] << 16) | (bytes[(3 * i) + 2] << 24)) / 2_147_483_648f;
                break;
            case WavEncoding.Signed32:
                for (var i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]) / 2_147_483_648f;
                break;
        }
    }
}
