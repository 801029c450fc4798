namespace Gateway.Benchmarks.Alignment;

internal static class Statistics
{
    /// <summary>Nearest rank; 0 of nothing.</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length - 1e-9) - 1)];
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);
}
