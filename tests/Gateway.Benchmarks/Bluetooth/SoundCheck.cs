namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// Did all speakers decode the same sound, and the same place of it at the same time? Looked at in windows of 43 ms.
/// </summary>
/// <param name="Windows">All that were looked at, of all speakers.</param>
/// <param name="Unlike">Windows with a hole, or that are not that sound.</param>
/// <param name="LeastLikeness">Of the others: 1 would be the sound itself.</param>
/// <param name="Jumps">Windows whose place in the sound is over 1 ms from where the window before it leads.</param>
/// <param name="SkewMs">For each moment: the furthest place in the sound minus the nearest, over the speakers.</param>
internal sealed record SoundCheck(int Windows, int Unlike, double LeastLikeness, int Jumps, IReadOnlyList<double> SkewMs)
{
    /// <summary>One window after the other: nothing that was heard is left out.</summary>
    public const double Everything = Window / (double)SampleRate;

    /// <summary>Of what our own endpoints play.</summary>
    public const int SampleRate = 48_000;

    private const int Window = 2_048;
    private const double Alike = 0.9;

    /// <summary>Through the whole sound, which takes a tenth of a second and more: where so many were in vain, the verdict is out.</summary>
    private const int SearchesAtMost = 30;

    /// <param name="step">Seconds from one window to the next.</param>
    public static SoundCheck Of(LoopedSound sound, IReadOnlyList<HeardSound> speakers, double from, double to, double step = 0.25)
    {
        var rate = speakers[0].SampleRate;
        var heard = new float[Window];
        var places = new double?[speakers.Count];
        var (windows, unlike, jumps, least) = (0, 0, 0, 1.0);
        var searches = SearchesAtMost;
        var skew = new List<double>();
        for (var at = from; at + (Window / (double)rate) < to; at += step)
        {
            for (var n = 0; n < speakers.Count; n++)
            {
                windows++;
                var whole = speakers[n].TryGet(at, heard);
                var expected = places[n] + (step * rate);
                var (place, likeness) = whole ? Find(sound, heard, expected ?? places.FirstOrDefault(p => p is not null), rate, ref searches) : (0, 0);
                if (likeness < Alike)
                {
                    unlike++;
                    places[n] = expected;
                    continue;
                }

                least = Math.Min(least, likeness);
                if (expected is { } led && Math.Abs(place - led) > rate / 1_000) jumps++;
                places[n] = place;
            }

            if (places.All(p => p is not null)) skew.Add(1000 * (places.Max()!.Value - places.Min()!.Value) / rate);
        }

        return new SoundCheck(windows, unlike, least, jumps, skew);
    }

    // Where it should be, else close by, else anywhere.
    private static (double Place, double Likeness) Find(LoopedSound sound, float[] heard, double? near, int rate, ref int searches)
    {
        foreach (var within in near is null ? [] : (int[])[rate / 1_000, rate / 10])
        {
            if (sound.Find(heard, near, within) is { Likeness: >= Alike } found) return found;
        }

        return searches-- > 0 ? sound.Find(heard, null, 0) : (0, 0);
    }
}
