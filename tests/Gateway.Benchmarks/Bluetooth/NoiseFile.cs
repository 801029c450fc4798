using System.Buffers.Binary;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// Twenty seconds of noise that is nowhere like itself, as a WAV file: any few hundredths of a second of what a speaker decoded tell the place in it.
/// </summary>
internal sealed class NoiseFile
{
    private const int Seconds = 20;
    private const int Header = 44;

    // Up to some 4 kHz, where SBC has its bits.
    private const double LowPass = 0.35;
    private readonly int _sampleRate;
    private readonly float[] _samples;

    public NoiseFile(string path, int sampleRate)
    {
        (Path, _sampleRate) = (path, sampleRate);
        _samples = new float[Seconds * sampleRate];
        Sound = new LoopedSound(_samples);
        var random = new Random(20_261_125);
        double first = 0, second = 0;
        for (var i = 0; i < _samples.Length; i++)
        {
            first += LowPass * ((2 * random.NextDouble()) - 1 - first);
            second += LowPass * (first - second);
            _samples[i] = (short)(second * 24_000) / 32768f;
        }

        Write();
    }

    public string Path { get; }

    public LoopedSound Sound { get; }

    private void Write()
    {
        var bytes = new byte[Header + (2 * _samples.Length)];
        "RIFF"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        "WAVEfmt "u8.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(20), 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(22), 1); // mono
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), _sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), 2 * _sampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(34), 16);
        "data"u8.CopyTo(bytes.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), 2 * _samples.Length);
        for (var i = 0; i < _samples.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(Header + (2 * i)), (short)Math.Round(_samples[i] * 32768f));
        File.WriteAllBytes(Path, bytes);
    }
}
