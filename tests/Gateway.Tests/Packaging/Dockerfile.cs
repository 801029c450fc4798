using System.Text.RegularExpressions;

namespace Gateway.Tests.Packaging;

/// <summary>One instruction, continuation lines joined, comments left out.</summary>
internal sealed record DockerInstruction(string Name, string Arguments);

/// <summary>A Dockerfile's instructions in order, and the questions that the lint asks of them.</summary>
internal sealed partial class Dockerfile
{
    private Dockerfile(IReadOnlyList<DockerInstruction> instructions) => Instructions = instructions;

    public IReadOnlyList<DockerInstruction> Instructions { get; }

    /// <summary>Names given by <c>FROM … AS name</c>.</summary>
    public IEnumerable<string> Stages => Of("FROM").Select(a => StageName().Match(a)).Where(m => m.Success).Select(m => m.Groups[1].Value);

    /// <summary>Images that are no stage of this file.</summary>
    public IEnumerable<string> BaseImages => Of("FROM").Select(a => Options().Replace(a, "").Split(' ')[0]).Except(Stages);

    /// <summary>Sources of <c>COPY</c> and <c>ADD</c> in the build context (not from other stages).</summary>
    public IEnumerable<string> ContextSources => Instructions.Where(i => i.Name is "COPY" or "ADD")
        .Where(i => !i.Arguments.Contains("--from=", StringComparison.Ordinal))
        .SelectMany(i => Options().Replace(i.Arguments, "").Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1]);

    /// <summary>The Debian packages that the last stage installs.</summary>
    public IEnumerable<string> RuntimePackages =>
        Instructions.Reverse().TakeWhile(i => i.Name != "FROM").Where(i => i.Name == "RUN")
            .SelectMany(i => AptInstall().Matches(i.Arguments)).SelectMany(m => m.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(word => !word.StartsWith('-'));

    public static Dockerfile Read(string relative)
    {
        var lines = RepositoryFiles.Text(relative).Split('\n').Where(l => !l.TrimStart().StartsWith('#'));
        var joined = Continuation().Replace(string.Join('\n', lines), " ");
        return new Dockerfile([.. joined.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0).Select(Instruction)]);
    }

    public IEnumerable<string> Of(string name) => Instructions.Where(i => i.Name == name).Select(i => i.Arguments);

    private static DockerInstruction Instruction(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return new DockerInstruction(line[..space], line[(space + 1)..].Trim());
    }

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continuation();

    [GeneratedRegex(@"\s+AS\s+(\S+)$")]
    private static partial Regex StageName();

    [GeneratedRegex(@"--\S+\s+")]
    private static partial Regex Options();

    [GeneratedRegex(@"apt-get install ([^&|;]+)")]
    private static partial Regex AptInstall();
}
