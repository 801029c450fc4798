using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>One surface in the instrumented copy: mutates what reached new branches, and keeps what fails or is slow.</summary>
internal static class SurfaceRun
{
    public const string Name = "fuzz-surface";

    /// <summary>Beyond this it is a fault.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>An input that takes so long is timed again, as the machine may have been elsewhere: the least of three counts.</summary>
    private static readonly TimeSpan s_doubtful = TimeSpan.FromMilliseconds(20);

    /// <param name="args">The surface, inputs, seed, a folder to work in and one for what is found.</param>
    public static int Run(string[] args)
    {
        var map = new BranchMap();
        var (inputs, seed) = (long.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
        var surface = Surface.Open(args[0], args[3]);
        using var current = new CurrentInput(Path.Combine(args[3], "current"));
        var corpus = surface.Seeds.ToList();
        var mutator = new Mutator(new Random(seed), surface.Words, surface.Longest);
        var faults = new HashSet<string>(StringComparer.Ordinal);
        var (slow, slowest) = (0, TimeSpan.Zero);
        for (var number = 0L; number < inputs; number++)
        {
            var bytes = number < surface.Seeds.Count ? surface.Seeds[(int)number] : mutator.Next(corpus);
            current.Set(number, bytes);
            map.Begin();
            var (taken, fault) = Time(surface, bytes);
            if (map.End() && number >= surface.Seeds.Count && fault is null) corpus.Add(bytes);
            // The first of all pays for the compiler.
            if (taken > slowest && taken > s_doubtful) taken = Enumerable.Range(0, 2).Select(_ => Time(surface, bytes).Taken).Append(taken).Min();
            if (taken > slowest) slowest = taken;
            if (taken > Slow && slow++ < 10) Found(args[4], surface, bytes, $"slow: {taken.TotalMilliseconds:F0} ms");
            if (fault is not null && faults.Add(KindOf(fault))) Found(args[4], surface, bytes, fault.ToString());
        }

        current.Set(inputs, []);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figures {map.Reached} {corpus.Count} {faults.Count} {slow} {slowest.TotalMilliseconds}"));
        return 0;
    }

    /// <summary>Keeps an input, and prints where.</summary>
    public static void Found(string folder, string surface, byte[] bytes, string what)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{surface}-{Convert.ToHexString(SHA256.HashData(bytes))[..12]}");
        File.WriteAllBytes(path, bytes);
        Console.WriteLine($"{path}: {what}");
    }

    private static void Found(string folder, Surface surface, byte[] bytes, string what) => Found(folder, surface.Name, bytes, what);

    private static (TimeSpan Taken, Exception? Fault) Time(Surface surface, byte[] bytes)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            surface.Try(bytes);
            return (Stopwatch.GetElapsedTime(since), null);
        }
        catch (Exception fault)
        {
            return (Stopwatch.GetElapsedTime(since), fault);
        }
    }

    /// <summary>The same exception from the same place is the same fault.</summary>
    private static string KindOf(Exception fault) => fault is InvalidDataException ? fault.Message : $"{fault.GetType()} {string.Join(' ', fault.StackTrace?.Split('\n').Take(3) ?? [])}";
}
