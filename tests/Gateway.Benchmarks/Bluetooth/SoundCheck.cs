namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// Did all speakers decode the file's sound, and the same place of it at the same time? Looked at in windows of 43 ms, four a second.
/// </summary>
/// <param name="Windows">All that were looked at, of all speakers.</param>
/// <param name="Unlike">Windows with a hole, or that are not the file's sound.</param>
/// <param name="LeastLikeness">Of the others: 1 would be the file itself.</param>
/// <param name="Jumps">Windows whose place in the file is over 1 ms from where the window before it leads.</param>
/// <param name="SkewMs">For each moment: the furthest place in the file minus the nearest, over the speakers.</param>
internal sealed record SoundCheck(int Windows, int Unlike, double LeastLikeness, int Jumps, IReadOnlyList<double> SkewMs)
{
    private const int Window = 2_048;
    private const double StepSeconds = 0.25;
    private const double Alike = 0.9;

    public static SoundCheck Of(NoiseFile file, IReadOnlyList<HeardSound> speakers, double from, double to)
    {
        var heard = new float[Window];
        var places = new double?[speakers.Count];
        var (windows, unlike, jumps, least) = (0, 0, 0, 1.0);
        var skew = new List<double>();
        for (var at = from; at + (Window / (double)NoiseFile.SampleRate) < to; at += StepSeconds)
        {
            for (var n = 0; n < speakers.Count; n++)
            {
                windows++;
                var whole = speakers[n].TryGet(at, heard);
                var expected = places[n] + (StepSeconds * NoiseFile.SampleRate);
                var (place, likeness) = whole ? Find(file, heard, expected ?? places.FirstOrDefault(p => p is not null)) : (0, 0);
                if (likeness < Alike)
                {
                    unlike++;
                    places[n] = expected;
                    continue;
                }

                least = Math.Min(least, likeness);
                if (expected is { } led && Math.Abs(place - led) > NoiseFile.SampleRate / 1_000) jumps++;
                places[n] = place;
            }

            if (places.All(p => p is not null)) skew.Add(1000 * (places.Max()!.Value - places.Min()!.Value) / NoiseFile.SampleRate);
        }

        return new SoundCheck(windows, unlike, least, jumps, skew);
    }

    // Close by where it should be, else anywhere.
    private static (double Place, double Likeness) Find(NoiseFile file, float[] heard, double? near)
    {
        var (place, likeness) = near is null ? (0, 0) : file.Find(heard, near, NoiseFile.SampleRate / 10);
        return likeness >= Alike ? (place, likeness) : file.Find(heard, null, 0);
    }
}
