using System.Diagnostics;

namespace Gateway.Tests.Packaging;

/// <summary><c>./test</c> and <c>.ci/run</c> with a stand-in for the SDK that "runs" projects as each case says.</summary>
public sealed class TestScriptTests : IDisposable
{
    private readonly ScriptSandbox _sandbox = new();

    public TestScriptTests()
    {
        foreach (var name in new[] { "Gateway.Engine.Tests", "Gateway.Tests" })
        {
            _sandbox.Write($"repo/tests/{name}/{name}.csproj", "");
            _sandbox.Write($"repo/tests/{name}/SomeTests.cs", "");
        }
    }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task The_last_line_sums_all_projects()
    {
        var result = await RunAsync(Trx(3, 3, 0), Trx(4, 4, 0));

        Assert.Equal((0, "7 passed, 0 failed"), (result.ExitCode, LastLine(result)));
    }

    [Fact]
    public async Task A_failed_test_fails_the_run_and_shows_its_words()
    {
        var result = await RunAsync(Trx(3, 3, 0), Trx(4, 3, 1) + "; echo 'Assert.Equal() Failure'; exit 1");

        Assert.Equal((1, "6 passed, 1 failed"), (result.ExitCode, LastLine(result)));
        Assert.Contains("Assert.Equal() Failure", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 134")]
    [InlineData("echo 'No test is available'; exit 0")]
    public async Task A_project_without_results_is_a_failure(string run)
    {
        var result = await RunAsync(Trx(3, 3, 0), run);

        Assert.Equal((1, "3 passed, 1 failed"), (result.ExitCode, LastLine(result)));
    }

    [Fact]
    public async Task A_host_that_dies_after_its_last_test_is_a_failure()
    {
        var result = await RunAsync(Trx(3, 3, 0), Trx(4, 4, 0) + "; exit 139");

        Assert.Equal((1, "7 passed, 1 failed"), (result.ExitCode, LastLine(result)));
    }

    [Fact]
    public async Task Results_of_an_earlier_run_do_not_count()
    {
        await RunAsync(Trx(3, 3, 0), Trx(4, 4, 0));

        var result = await RunAsync(Trx(3, 3, 0), "exit 134");

        Assert.Equal("3 passed, 1 failed", LastLine(result));
    }

    [Fact]
    public async Task No_test_at_all_is_a_failure()
    {
        var result = await RunAsync(Trx(0, 0, 0), Trx(0, 0, 0), [], "NoSuchTest");

        Assert.Equal((1, "0 passed, 0 failed"), (result.ExitCode, LastLine(result)));
    }

    [Fact]
    public async Task A_skipped_test_is_a_failure_in_CI_only()
    {
        var at_home = await RunAsync(Trx(3, 3, 0), Trx(4, 3, 0));
        var in_ci = await RunAsync(Trx(3, 3, 0), Trx(4, 3, 0), [("CI", "true")]);

        Assert.Equal((0, "6 passed, 0 failed"), (at_home.ExitCode, LastLine(at_home)));
        Assert.Equal((1, "6 passed, 1 failed"), (in_ci.ExitCode, LastLine(in_ci)));
    }

    [Fact]
    public async Task CI_refuses_to_rewrite_golden_files()
    {
        var result = await _sandbox.RunInAsync(_sandbox.Root, ".ci/run", [("UPDATE_GOLDEN", "1")]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("golden files are never rewritten in CI", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, _sandbox.Builds);
    }

    [Fact]
    public async Task The_lab_runs_last_and_by_itself()
    {
        var calls = Path.Combine(_sandbox.Root, "order");

        var result = await RunWithLabAsync("exit 0", $"""{Trx(2, 2, 0)}; echo "$*" >>"{calls}" """);

        Assert.Equal((0, "11 passed, 0 failed"), (result.ExitCode, LastLine(result)));
        var order = await File.ReadAllLinesAsync(calls);
        Assert.Equal(2, order.Length);
        Assert.Contains("--filter Category!=Lab", order[0], StringComparison.Ordinal);
        Assert.Contains("--filter Category=Lab", order[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lab_kernel_that_cannot_be_built_is_a_failed_test_with_its_words()
    {
        var result = await RunWithLabAsync("echo 'no space left on the device' >&2; exit 1", Trx(2, 2, 0));

        Assert.Equal((1, "9 passed, 1 failed"), (result.ExitCode, LastLine(result)));
        Assert.Contains("could not be built", result.Output, StringComparison.Ordinal);
        Assert.Contains("no space left on the device", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM", 143, true)] // who hears no TERM is waited for ten seconds
    [InlineData("HUP", 129, false)]
    [InlineData("INT", 130, false)]
    public async Task Ended_from_outside_it_ends_what_it_started_wherever_that_went(string signal, int exitCode, bool isStubborn)
    {
        // A test host with a server in a session of its own, as the lab's machines and brokers may be, and one that may hear no TERM.
        var pids = Path.Combine(_sandbox.Root, "pids");
        var host = $$"""setsid sleep 1000 & echo $! >>"{{pids}}"; ({{(isStubborn ? "trap '' TERM; " : "")}}exec sleep 1000) & echo $! >>"{{pids}}"; echo $$ >>"{{pids}}"; echo all >>"{{pids}}"; wait""";
        using var script = _sandbox.Start(_sandbox.Root, "test", [("FAKE_TEST_Gateway_Engine_Tests", host), ("FAKE_TEST_Gateway_Tests", Trx(4, 4, 0))], "--fast");
        await Eventually.TrueAsync("the host runs", () => File.Exists(pids) && File.ReadAllText(pids).Contains("all", StringComparison.Ordinal), 30);
        var started = File.ReadAllLines(pids)[..3];
        Assert.All(started, pid => Assert.True(Runs(pid), $"Process {pid} has not started."));

        using (var kill = Process.Start("kill", [$"-{signal}", $"{script.Id}"])) await kill.WaitForExitAsync();
        var result = await ScriptSandbox.EndAsync(script);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains("ended from outside", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("did not end", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("passed", result.Output, StringComparison.Ordinal);
        Assert.All(started, pid => Assert.False(Runs(pid), $"Process {pid} still runs."));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("INT")]
    public async Task CI_that_is_ended_from_outside_tells_the_tests_and_waits_for_their_end(string signal)
    {
        var runs = Path.Combine(_sandbox.Root, "runs");
        _sandbox.WriteProgram("repo/test", $"""for s in TERM HUP INT; do trap "sleep 0.3; echo ended by $s; exit 7" $s; done; touch "{runs}"; while :; do sleep 0.1; done""");
        using var script = _sandbox.Start(_sandbox.Root, ".ci/run", []);
        await Eventually.TrueAsync("the tests run", () => File.Exists(runs), 30);

        using (var kill = Process.Start("kill", [$"-{signal}", $"{script.Id}"])) await kill.WaitForExitAsync();
        var result = await ScriptSandbox.EndAsync(script);

        Assert.Equal(7, result.ExitCode);
        Assert.Contains($"ended by {signal}", result.Output, StringComparison.Ordinal);
    }

    // One that has ended and that nobody has waited for yet runs no more.
    private static bool Runs(string pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    private Task<ScriptResult> RunWithLabAsync(string buildKernel, string integration)
    {
        _sandbox.Write("repo/tests/Gateway.IntegrationTests/Gateway.IntegrationTests.csproj", "");
        _sandbox.Write("repo/tests/Gateway.IntegrationTests/SomeTests.cs", "");
        _sandbox.WriteProgram("repo/tests/btlab/install", "echo bash");
        _sandbox.WriteProgram("repo/tests/btlab/build-kernel", buildKernel);
        // Whatever ./test installs: it is there.
        _sandbox.WriteProgram("bin/dpkg-query", """printf '%s installed\n' "${@:4}" """);
        return _sandbox.RunInAsync(
            _sandbox.Root, "test",
            [("FAKE_TEST_Gateway_Engine_Tests", Trx(3, 3, 0)), ("FAKE_TEST_Gateway_Tests", Trx(4, 4, 0)), ("FAKE_TEST_Gateway_IntegrationTests", integration)]);
    }

    private Task<ScriptResult> RunAsync(string engine, string gateway, params (string, string)[] environment) => RunAsync(engine, gateway, environment, []);

    private Task<ScriptResult> RunAsync(string engine, string gateway, (string, string)[] environment, params string[] arguments) =>
        _sandbox.RunInAsync(
            _sandbox.Root, "test",
            [("FAKE_TEST_Gateway_Engine_Tests", engine), ("FAKE_TEST_Gateway_Tests", gateway), .. environment],
            ["--fast", .. arguments]);

    /// <summary>Shell words that write what a test host would, to the file that the last argument names.</summary>
    private static string Trx(int total, int passed, int failed) =>
        $$"""mkdir -p artifacts/test-results; echo '<Counters total="{{total}}" executed="{{passed + failed}}" passed="{{passed}}" failed="{{failed}}" error="0" />' >"artifacts/test-results/${!###*=}" """;

    private static string LastLine(ScriptResult result) => result.Output.TrimEnd().Split('\n')[^1];
}
