using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gateway.Bluetooth.A2dp;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Native.Libc;
using Gateway.Native.Sbc;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>Sound that comes over the air, and sound files.</summary>
internal static class SoundSurfaces
{
    /// <summary>As the receiver has it: 15 frames of the longest kind.</summary>
    private const int MaxSbcSamples = 16 * 8 * 2;

    /// <summary>A configuration of four bytes, capabilities of four bytes, and a packet.</summary>
    public static Surface Sbc()
    {
        var decoder = new SbcDecoder();
        var pcm = new short[MaxSbcSamples * RtpHeader.MaxSbcFrames];
        byte[][] configurations = [[0x11, 0x15, 2, 51], [0x21, 0x15, 2, 53], [0x28, 0x15, 2, 31], [0x84, 0x89, 2, 32], [0x42, 0x26, 2, 53]];
        return new("sbc", [.. configurations.Select(Packet)], [[0x9C], [0x80, 96], [0xFF, 0xFF, 2, 53], [0x9C, 0xFF, 53], [0x9C, 0x00, 2], [0x9C, 0x31, 250]], 1200, bytes =>
        {
            if (bytes.Length < 8) return;
            if (SbcConfiguration.Parse(bytes.AsSpan(0, 4), out var refusal) is { } agreed)
            {
                Surface.Must(agreed.ToBytes().AsSpan().SequenceEqual(bytes.AsSpan(0, 4)), "an agreed configuration is what was set");
                Surface.Must(agreed.FrameLength(agreed.Bitpool) is > 0 and <= 512, "a frame has a length that SBC knows");
                using var encoder = new SbcEncoder(agreed.ToBytes());
                encoder.Bitpool = agreed.Bitpool;
                var frame = new byte[1024];
                Surface.Must(encoder.Encode(new short[encoder.PcmBytesPerFrame / sizeof(short)], frame) == agreed.FrameLength(agreed.Bitpool), "the encoder writes frames of the length that we count with");
            }
            else
            {
                Surface.Must(refusal.Length > 0, "a refusal has a reason");
            }

            foreach (var plain in new[] { false, true })
            {
                if (SbcConfiguration.Choose(bytes.AsSpan(4, 4), plain) is not { } chosen) continue;
                Surface.Must(SbcConfiguration.Parse(chosen.ToBytes(), out _) == chosen, "what we choose is what we would take");
            }

            var packet = bytes.AsSpan(8);
            if (!RtpHeader.TryRead(packet, out _, out _, out var at)) return;
            for (var samples = 0; at < packet.Length && samples + MaxSbcSamples <= pcm.Length;)
            {
                var consumed = decoder.Decode(packet[at..], pcm.AsSpan(samples), out var written);
                if (consumed == 0) break;
                Surface.Must(written is >= 0 and <= MaxSbcSamples, "a frame holds at most as many samples as SBC knows");
                at += consumed;
                samples += written;
            }
        });
    }

    /// <summary>Read to its end as a recording, and opened as a source of a group.</summary>
    public static Surface Wav(string work)
    {
        var path = Path.Combine(work, "sound.wav");
        var buffer = new float[8 * 4096];
        return new("wav", [Riff(1, 2, 16), Riff(1, 1, 24), Riff(3, 2, 32), Riff(3, 1, 64), Riff(1, 1, 8), Riff(0xFFFE, 2, 32)],
            [.. Surface.Texts("RIFF", "RF64", "BW64", "WAVE", "fmt ", "data", "ds64", "LIST", "JUNK", "bext", "\0\0\0\0", "xdata"), [0xFF, 0xFF, 0xFF, 0xFF], [0xFE, 0xFF], [3, 0], [0, 0, 0, 0x80]], 2048, bytes =>
            {
                File.WriteAllBytes(path, bytes);
                try
                {
                    using var recording = WavRecording.Open(path);
                    Surface.Must(recording is { Channels: > 0, SampleRate: > 0, Frames: >= 0 } && recording.Frames <= bytes.Length, "a recording is not longer than its file");
                    for (var at = 0L; at < recording.Frames;)
                    {
                        var frames = recording.Read(at, buffer);
                        if (frames == 0) break;
                        at += frames;
                    }
                }
                catch (UnreadableException)
                {
                    // The declared answer.
                }

                try
                {
                    using var input = WavFileInput.Open(() => RegularFile.Open(path), path, TimeProvider.System);
                    _ = input.Read(buffer.AsSpan(0, 512));
                }
                catch (PortException)
                {
                    // The declared answer.
                }
            });
    }

    private static byte[] Packet(byte[] configuration)
    {
        using var encoder = new SbcEncoder(configuration);
        var pcm = new short[encoder.PcmBytesPerFrame / sizeof(short)];
        for (var i = 0; i < pcm.Length; i++) pcm[i] = (short)(10_000 * Math.Sin(i));
        var frame = new byte[1024];
        var length = encoder.Encode(pcm, frame);
        var header = new byte[RtpHeader.SbcOffset];
        RtpHeader.Prepare(header, 2);
        RtpHeader.Stamp(header, 7, 256);
        return [.. configuration, 0xFF, 0xFF, 2, 53, .. header, .. frame[..length], .. frame[..length]];
    }

    private static byte[] Riff(ushort tag, ushort channels, ushort bits)
    {
        var format = new byte[tag == 0xFFFE ? 40 : 16];
        BinaryPrimitives.WriteUInt16LittleEndian(format, tag);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), channels);
        BinaryPrimitives.WriteUInt32LittleEndian(format.AsSpan(4), 48_000);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), (ushort)(channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), bits);
        if (tag == 0xFFFE) format[24] = 3;
        byte[] body = [.. "WAVEfmt "u8, .. Length(format), .. format, .. "data"u8, .. Length(new byte[96]), .. MemoryMarshal.AsBytes(Enumerable.Range(0, 12).Select(i => (double)i / 12).ToArray().AsSpan())];
        return [.. "RIFF"u8, .. Length(body), .. body];
    }

    private static byte[] Length(byte[] of)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, of.Length);
        return length;
    }
}
