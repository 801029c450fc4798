using SharpFuzz;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>A copy of this program in which our assemblies, and the YAML parser that they call, count the branches that they take.</summary>
internal static class InstrumentedCopy
{
    private static readonly string[] s_instrumented = ["tutti.dll", "Gateway.Engine.dll", "Gateway.Alignment.dll", "Gateway.Native.dll", "YamlDotNet.dll"];

    /// <summary>Returns the copy's program.</summary>
    public static string Make(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        foreach (var assembly in s_instrumented) _ = Fuzzer.Instrument(Path.Combine(folder, assembly), static _ => true, Options.Value).Count();
        return Path.Combine(folder, "tutti-bench.dll");
    }
}
