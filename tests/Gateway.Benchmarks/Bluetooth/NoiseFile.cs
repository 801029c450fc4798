using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// Twenty seconds of noise that is nowhere like itself, as a WAV file: any few hundredths of a second of what a speaker decoded tell the place in it.
/// </summary>
internal sealed class NoiseFile
{
    public const int SampleRate = 48_000;

    private const int Length = 20 * SampleRate;
    private const int Header = 44;

    // Up to some 4 kHz, where SBC has its bits and half a sample of misfit costs nothing.
    private const double LowPass = 0.35;
    private readonly float[] _samples = new float[Length];

    public NoiseFile(string path)
    {
        Path = path;
        var random = new Random(20_261_125);
        double first = 0, second = 0;
        for (var i = 0; i < Length; i++)
        {
            first += LowPass * ((2 * random.NextDouble()) - 1 - first);
            second += LowPass * (first - second);
            _samples[i] = (short)(second * 24_000) / 32768f;
        }

        Write();
    }

    public string Path { get; }

    /// <summary>
    /// Where in the file a piece of sound is: its place in frames (a fraction within one), and how alike the two are (1: the same but for the volume).
    /// </summary>
    /// <param name="near">Only places within <paramref name="within"/> frames of it; null: anywhere.</param>
    public (double Place, double Likeness) Find(ReadOnlySpan<float> heard, double? near, int within)
    {
        var from = near is { } place ? (int)Math.Round(place) - within : 0;
        var count = near is null ? Length : (2 * within) + 1;
        var best = 0;
        var most = double.NegativeInfinity;
        for (var i = 0; i < count; i++)
        {
            var likeness = Dot(heard, from + i);
            if (likeness > most) (most, best) = (likeness, from + i);
        }

        var (before, after) = (Dot(heard, best - 1), Dot(heard, best + 1));
        var bend = before - (2 * most) + after;
        var fraction = bend == 0 ? 0 : 0.5 * (before - after) / bend;
        return (best + fraction, most / Math.Sqrt(Energy(heard) * EnergyAt(best, heard.Length) + 1e-12));
    }

    // The file is played again and again.
    private double Dot(ReadOnlySpan<float> heard, int at)
    {
        at = ((at % Length) + Length) % Length;
        var first = Math.Min(heard.Length, Length - at);
        return Dot(heard[..first], _samples.AsSpan(at, first)) + Dot(heard[first..], _samples.AsSpan(0, heard.Length - first));
    }

    private double EnergyAt(int at, int length)
    {
        double sum = 0;
        for (var i = 0; i < length; i++)
        {
            var sample = _samples[(((at + i) % Length) + Length) % Length];
            sum += sample * sample;
        }

        return sum;
    }

    private static double Energy(ReadOnlySpan<float> a) => Dot(a, a);

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= a.Length; i += Vector<float>.Count) sum += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        var total = (double)Vector.Sum(sum);
        for (; i < a.Length; i++) total += a[i] * b[i];
        return total;
    }

    private void Write()
    {
        var bytes = new byte[Header + (2 * Length)];
        "RIFF"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        "WAVEfmt "u8.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(20), 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(22), 1); // mono
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), 2 * SampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(34), 16);
        "data"u8.CopyTo(bytes.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), 2 * Length);
        for (var i = 0; i < Length; i++) BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(Header + (2 * i)), (short)Math.Round(_samples[i] * 32768f));
        File.WriteAllBytes(Path, bytes);
    }
}
