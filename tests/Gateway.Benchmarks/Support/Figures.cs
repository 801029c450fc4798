namespace Gateway.Benchmarks;

internal static class Figures
{
    /// <summary>The value below which a share of the samples lies (nearest rank); 0.5 is the median.</summary>
    public static double Percentile(IReadOnlyCollection<double> samples, double share)
    {
        var sorted = samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public static double Median(IReadOnlyCollection<double> samples) => Percentile(samples, 0.5);

    /// <summary>Prints the last line of every benchmark and gives its exit code.</summary>
    public static int Conclude(string bench, bool pass, IReadOnlyDictionary<string, double> figures)
    {
        using var line = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("bench", bench);
            json.WriteBoolean("pass", pass);
            foreach (var (name, value) in figures)
            {
                json.WriteNumber(name, Math.Round(value, 3));
            }

            json.WriteEndObject();
        }

        Console.WriteLine(System.Text.Encoding.UTF8.GetString(line.ToArray()));
        return pass ? 0 : 1;
    }
}
