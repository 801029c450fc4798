using Gateway.Native.Sbc;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>What a lab speaker's decoder made of the stream, on a time line of CLOCK_MONOTONIC seconds.</summary>
internal sealed class HeardSound
{
    private const double PromptPercent = 5;
    private readonly short[] _left;
    private readonly List<(double Due, int First, int Frames)> _packets = [];
    private readonly int _rate;

    private HeardSound(short[] left, int rate) => (_left, _rate) = (left, rate);

    public int SampleRate => _rate;

    /// <summary>By the RTP timestamps, which count from that clock's zero where our own endpoints play.</summary>
    public static HeardSound Read(int speaker, int rate)
    {
        var left = Decode(File.ReadAllBytes(Path.Combine(LabHouse.Out, $"speaker-{speaker}.sbc")), out var samplesPerFrame);
        var sound = new HeardSound(left, rate);
        var wrap = 4294967296.0 / rate;
        var at = 0;
        foreach (var packet in HeardPackets.Read(speaker).Packets)
        {
            var due = packet.Timestamp / (double)rate;
            due += wrap * Math.Round((packet.Arrival - due) / wrap);
            var frames = packet.Frames * samplesPerFrame;
            if (at + frames > left.Length) break;
            sound._packets.Add((due, at, frames));
            at += frames;
        }

        return sound;
    }

    /// <summary>
    /// The same by the promptest arrivals of a span, where another program plays and its timestamps count from anywhere: what is late in the span moves nothing.
    /// Of several streams in it, the last.
    /// </summary>
    /// <param name="laterMs">What this speaker was asked to play later, and is taken off.</param>
    public static HeardSound ReadByArrival(int speaker, int rate, double from, double to, double laterMs = 0)
    {
        var sound = new HeardSound(Decode(File.ReadAllBytes(Path.Combine(LabHouse.Out, $"speaker-{speaker}.sbc")), out var samplesPerFrame), rate);
        var stream = new List<(HeardPackets.Packet Packet, int At)>();
        var at = 0;
        foreach (var packet in HeardPackets.Read(speaker).Packets)
        {
            if (stream.Count > 0 && packet.Timestamp < stream[^1].Packet.Timestamp) stream.Clear();
            if (packet.Arrival >= from && packet.Arrival <= to) stream.Add((packet, at));
            at += packet.Frames * samplesPerFrame;
        }

        var begin = HeardPackets.Percentile(stream.Select(s => s.Packet.Arrival - (s.Packet.Timestamp / (double)rate)), PromptPercent) - (laterMs / 1000);
        foreach (var (packet, first) in stream)
        {
            var frames = packet.Frames * samplesPerFrame;
            if (first + frames > sound._left.Length) break;
            sound._packets.Add((begin + (packet.Timestamp / (double)rate), first, frames));
        }

        return sound;
    }

    /// <summary>The due time of the first frame at or after a moment that is no silence; null: there is none.</summary>
    public double? FirstSoundAfter(double from)
    {
        foreach (var (due, first, frames) in _packets)
        {
            if (due < from) continue;
            for (var i = 0; i < frames; i++)
            {
                if (Math.Abs((int)_left[first + i]) > 65) return due + (i / (double)_rate);
            }
        }

        return null;
    }

    /// <summary>The sound that was due from a moment on; false where any of it did not come.</summary>
    public bool TryGet(double from, Span<float> sound)
    {
        var start = _packets.BinarySearch((from, 0, 0), Comparer<(double Due, int, int)>.Create((a, b) => a.Due.CompareTo(b.Due)));
        if (start < 0) start = ~start - 1;
        if (start < 0) return false;
        var skip = (int)Math.Round((from - _packets[start].Due) * _rate);
        for (var got = 0; got < sound.Length; start++, skip = 0)
        {
            if (start >= _packets.Count) return false;
            var (due, first, frames) = _packets[start];
            // Packets follow one another without a hole, or what was asked for is not all here.
            if (skip > frames || (got > 0 && Math.Abs(due - (from + (got / (double)_rate))) > 1.5 / _rate)) return false;
            var count = Math.Min(frames - skip, sound.Length - got);
            for (var i = 0; i < count; i++) sound[got + i] = _left[first + skip + i] / 32768f;
            got += count;
        }

        return true;
    }

    /// <summary>The left channel of SBC frames.</summary>
    public static short[] Decode(byte[] data, out int samplesPerFrame)
    {
        using var decoder = new SbcDecoder();
        var left = new List<short>(data.Length);
        var pcm = new short[256];
        samplesPerFrame = 0;
        for (var at = 0; at < data.Length;)
        {
            var consumed = decoder.Decode(data.AsSpan(at), pcm, out var samples);
            if (consumed == 0) break; // the last frame is cut short
            at += consumed;
            samplesPerFrame = samples / decoder.Channels;
            for (var i = 0; i < samples; i += decoder.Channels) left.Add(pcm[i]);
        }

        return [.. left];
    }
}
