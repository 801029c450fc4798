namespace Gateway.Benchmarks;

/// <summary>Where the sources lie: the nearest folder above this program with the solution in it.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return folder.FullName;
            }
        }

        throw new BenchmarkException("the repository was not found above this program. Start it as ./bench.");
    }
}
