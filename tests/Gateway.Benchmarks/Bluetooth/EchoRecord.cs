using System.Globalization;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>What the lab's Echo sent (echo.py): its music as its listeners should hear it, and when it sent it.</summary>
internal static class EchoRecord
{
    /// <summary>An Echo's.</summary>
    public const int SampleRate = 44_100;

    // 48 000 of 44 100.
    private const int Up = 160, Down = 147;

    /// <summary>The music, decoded from the very frames that the Echo sends, at the speakers' rate.</summary>
    public static LoopedSound Music()
    {
        var frames = File.ReadAllBytes(Path.Combine(LabHouse.Out, "echo-music.sbc"));
        // The second time round: the decoder carries a little over from the end to the beginning.
        var twice = HeardSound.Decode([.. frames, .. frames], out _);
        var music = twice.AsSpan(twice.Length / 2).ToArray();
        if (music.Length % Down != 0) throw new BenchmarkException($"the Echo's music has {music.Length} samples, which are no whole number of samples at 48 kHz.");
        var phases = Enumerable.Range(0, Up).Select(i => Sinc.TapsAt(i * Down % Up / (double)Up)).ToArray();
        var resampled = new float[music.Length / Down * Up];
        for (var i = 0; i < resampled.Length; i++)
        {
            var (at, taps) = ((int)((long)i * Down / Up), phases[i % Up]);
            var sample = 0f;
            for (var k = 0; k < taps.Length; k++) sample += taps[k] * music[(at + k - Sinc.Reach + music.Length) % music.Length];
            resampled[i] = sample / 32768f;
        }

        return new LoopedSound(resampled);
    }

    /// <summary>When it sent its packets, CLOCK_MONOTONIC seconds.</summary>
    public static IReadOnlyList<double> SentBetween(double from, double to) =>
    [
        .. File.ReadLines(Path.Combine(LabHouse.Out, "echo-sent.csv")).Select(line => double.Parse(line.Split(',')[0], CultureInfo.InvariantCulture)).Where(at => at >= from && at <= to),
    ];

    /// <summary>How often something is in its record of events.</summary>
    public static int Count(string happened) => File.ReadLines(Path.Combine(LabHouse.Out, "echo-events.jsonl")).Count(line => line.Contains($"\"event\": \"{happened}\"", StringComparison.Ordinal));
}
