using System.Buffers.Binary;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>Makes a new input of known ones: one to eight changes of bits, bytes, numbers, words and pieces, or the halves of two.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, int longest)
{
    private static readonly long[] s_edges = [0, 1, -1, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 4095, 4096, 32_767, 32_768, 65_535, 65_536, int.MaxValue, int.MinValue, uint.MaxValue];

    public byte[] Next(IReadOnlyList<byte[]> corpus)
    {
        // Half of the time one of the youngest: what has just reached something new may reach more.
        var from = random.Next(2) == 0 ? Math.Max(0, corpus.Count - 64) : 0;
        var bytes = corpus[random.Next(from, corpus.Count)].ToList();
        if (random.Next(8) == 0)
        {
            var other = corpus[random.Next(corpus.Count)];
            var cut = random.Next(bytes.Count + 1);
            bytes.RemoveRange(cut, bytes.Count - cut);
            bytes.AddRange(other.Skip(random.Next(other.Length + 1)));
        }

        for (var changes = 1 << random.Next(4); changes > 0; changes--) Change(bytes);
        if (bytes.Count > longest) bytes.RemoveRange(longest, bytes.Count - longest);
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = random.Next(bytes.Count + 1);
        var left = bytes.Count - at;
        switch (random.Next(9))
        {
            case 0 when left > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when left > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2 when left > 0:
                bytes.RemoveRange(at, Math.Min(left, Length()));
                break;
            case 3 when left > 0:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, Math.Min(left, Length())));
                break;
            case 4:
                bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), Length()));
                break;
            case 5 when left > 0:
                WriteNumber(bytes, at);
                break;
            case 6 when left > 0:
                ReplaceDigits(bytes, at);
                break;
            default:
                var word = words[random.Next(words.Count)];
                if (random.Next(3) == 0) bytes.RemoveRange(at, Math.Min(left, word.Length));
                bytes.InsertRange(at, word);
                break;
        }
    }

    /// <summary>Mostly short.</summary>
    private int Length() => random.Next(1, 1 << random.Next(1, 8));

    private void WriteNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        var edge = s_edges[random.Next(s_edges.Length)];
        if (random.Next(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(number, edge);
        else BinaryPrimitives.WriteInt64BigEndian(number, edge << (8 * random.Next(8)));
        for (var i = 0; i < 1 << random.Next(4) && at + i < bytes.Count; i++) bytes[at + i] = number[i];
    }

    /// <summary>A number as text from here on becomes another.</summary>
    private void ReplaceDigits(List<byte> bytes, int at)
    {
        while (at < bytes.Count && !char.IsAsciiDigit((char)bytes[at])) at++;
        var end = at;
        while (end < bytes.Count && char.IsAsciiDigit((char)bytes[end])) end++;
        bytes.RemoveRange(at, end - at);
        bytes.InsertRange(at, System.Text.Encoding.ASCII.GetBytes(s_edges[random.Next(s_edges.Length)].ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
