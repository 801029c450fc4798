namespace Gateway.TestSupport;

/// <summary>The repository's own files: the nearest folder above the tests with the solution in it.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Text(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Every file but what builds and version control leave behind, relative to the root.</summary>
    public static IEnumerable<string> All() => Below(new DirectoryInfo(Root)).Select(f => Path.GetRelativePath(Root, f));

    private static IEnumerable<string> Below(DirectoryInfo folder) =>
        folder.EnumerateFiles().Select(f => f.FullName)
            .Concat(folder.EnumerateDirectories().Where(d => d.Name is not ("bin" or "obj" or "artifacts" or ".git" or "TestResults")).SelectMany(Below));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gateway.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No Gateway.sln above {AppContext.BaseDirectory}: tests and benchmarks read the repository's own files and must run inside it.");
    }
}
