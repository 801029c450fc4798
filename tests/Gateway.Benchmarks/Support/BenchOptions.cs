using System.Globalization;

namespace Gateway.Benchmarks;

/// <summary>A benchmark's options that have a value: <c>--name value</c>.</summary>
internal static class BenchOptions
{
    /// <summary>Null: it is not given.</summary>
    public static string? TextAfter(this string[] args, string option) => args.SkipWhile(a => a != option).Skip(1).FirstOrDefault();

    /// <param name="most">What is allowed begins at 0 and ends here.</param>
    /// <exception cref="BenchmarkException">Something else is given.</exception>
    public static int NumberAfter(this string[] args, string option, int otherwise, int most)
    {
        if (args.TextAfter(option) is not { } text) return otherwise;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= 0 && number <= most ? number : throw new BenchmarkException($"{option} takes a number up to {most}, and {text} is none.");
    }
}
