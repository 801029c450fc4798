namespace Gateway.Alignment.Calibration;

/// <summary>
/// The rate error that most speakers agree on. The recorder's clock moves all speakers' probes alike; a speaker that re-buffers moves
/// alone and must not bend the scale.
/// </summary>
internal static class SkewConsensus
{
    /// <summary>The mean of the largest group within the tolerance; null without a strict majority.</summary>
    /// <param name="ppm">One value per speaker.</param>
    /// <param name="tolerance">Values of one group lie so near its centre.</param>
    /// <param name="highest">Values beyond are no clock's.</param>
    public static double? Find(IEnumerable<double> ppm, double tolerance, double highest)
    {
        var values = ppm.Where(value => Math.Abs(value) <= highest).ToArray();
        var best = (Count: 0, Mean: 0.0);
        foreach (var centre in values)
        {
            var group = values.Where(value => Math.Abs(value - centre) <= tolerance).ToArray();
            if (group.Length > best.Count)
                best = (group.Length, group.Average());
        }

        return 2 * best.Count > values.Length ? best.Mean : null;
    }
}
