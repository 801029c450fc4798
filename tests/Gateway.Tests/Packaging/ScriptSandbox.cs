using System.Diagnostics;

namespace Gateway.Tests.Packaging;

/// <summary>How a script ended.</summary>
internal sealed record ScriptResult(int ExitCode, string Output, string Error);

/// <summary>
/// A copy of the root's scripts beside a tiny source tree, with a <c>dotnet</c> of our own first on the PATH: it notes how it was
/// called, "builds" by writing the file that the script expects, and for anything else prints its arguments.
/// </summary>
internal sealed class ScriptSandbox : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private const string FakeDotnet = """
        #!/usr/bin/env bash
        case $1 in
          --list-sdks) printf '%s\n' "${FAKE_SDKS-10.0.100 [/fake]}" ;;
          build)
            echo "$*" >>"$FAKE_CALLS"
            sleep "${FAKE_BUILD_S:-0}"
            if [[ -n ${FAKE_BUILD_ERROR:-} ]]; then echo "$FAKE_BUILD_ERROR"; exit 1; fi
            echo 'a line of noise'
            for dll in src/Gateway/bin/Release/net10.0/tutti.dll tests/Gateway.Tests/bin/Release/net10.0/Gateway.Tests.dll; do
              mkdir -p "${dll%/*}" && echo built >"$dll"
            done
            ;;
          test)
            name=$(basename "$2" .csproj)
            var=FAKE_TEST_${name//./_}
            eval "${!var:-exit 134}"
            ;;
          *) printf '<%s>' "${@:2}"; printf ' in %s\n' "$PWD" ;;
        esac
        """;

    public ScriptSandbox()
    {
        Root = Directory.CreateTempSubdirectory("tutti-scripts-").FullName;
        foreach (var script in new[] { "tutti", "test", "bench", "scripts/common.sh", ".ci/run" })
        {
            var copy = Path.Combine(Root, "repo", script);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(RepositoryFiles.PathOf(script), copy);
        }

        Write("repo/src/Gateway/Program.cs", "return 0;");
        Write("repo/src/Gateway/Other.cs", "");
        WriteProgram("bin/dotnet", FakeDotnet);
    }

    public string Root { get; }

    public string Repository => Path.Combine(Root, "repo");

    /// <summary>How often <c>dotnet build</c> was called.</summary>
    public int Builds => File.Exists(Calls) ? File.ReadAllLines(Calls).Length : 0;

    private string Calls => Path.Combine(Root, "calls");

    public void Write(string relative, string text)
    {
        var path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>A program that can be started: a bash script, with or without its first line.</summary>
    public void WriteProgram(string relative, string script)
    {
        Write(relative, script.StartsWith("#!", StringComparison.Ordinal) ? script : $"#!/usr/bin/env bash\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(Root, relative), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public Task<ScriptResult> RunAsync(string script, params string[] arguments) => RunInAsync(Root, script, [], arguments);

    public async Task<ScriptResult> RunInAsync(string folder, string script, (string Name, string Value)[] environment, params string[] arguments)
    {
        using var process = Start(folder, script, environment, arguments);
        return await EndAsync(process);
    }

    public static async Task<ScriptResult> EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(s_limit);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new ScriptResult(process.ExitCode, await output, await error);
    }

    public Process Start(string folder, string script, (string Name, string Value)[] environment, params string[] arguments)
    {
        // Whoever runs the tests in the background may ignore Ctrl-C: the script does not.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,QUIT", "bash", Path.Combine(Repository, script), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["PATH"] = $"{Root}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["FAKE_CALLS"] = Calls;
        start.Environment.Remove("CI");
        start.Environment.Remove("UPDATE_GOLDEN");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
