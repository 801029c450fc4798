namespace Gateway.Tests.Packaging;

/// <summary><c>./tutti</c> with a stand-in for the SDK.</summary>
public sealed class TuttiScriptTests : IDisposable
{
    private readonly ScriptSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task The_first_call_builds_and_hands_its_arguments_over_as_they_are()
    {
        var result = await _sandbox.RunAsync("tutti", "plan", "--group", "two words", "*");

        Assert.Equal((0, $"<plan><--group><two words><*> in {_sandbox.Root}\n"), (result.ExitCode, result.Output));
        Assert.Equal("tutti: building, which takes some minutes the first time…\n", result.Error);
        Assert.Equal(1, _sandbox.Builds);
    }

    [Fact]
    public async Task A_second_call_builds_nothing_and_says_nothing()
    {
        await _sandbox.RunAsync("tutti");

        var result = await _sandbox.RunAsync("tutti", "version");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(1, _sandbox.Builds);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("added")]
    [InlineData("removed")]
    [InlineData("replaced by an older one")]
    [InlineData("output deleted")]
    public async Task A_source_that_is_not_as_it_was_means_a_build(string what)
    {
        await _sandbox.RunAsync("tutti");
        var source = Path.Combine(_sandbox.Repository, "src/Gateway/Other.cs");
        switch (what)
        {
            case "changed":
                File.AppendAllText(source, "// more");
                break;
            case "added":
                _sandbox.Write("repo/src/Gateway/New.cs", "");
                break;
            case "removed":
                File.Delete(source);
                break;
            case "replaced by an older one":
                File.WriteAllText(source, "// as it was");
                File.SetLastWriteTimeUtc(source, DateTime.UnixEpoch);
                break;
            default:
                File.Delete(Path.Combine(_sandbox.Repository, "src/Gateway/bin/Release/net10.0/tutti.dll"));
                break;
        }

        await _sandbox.RunAsync("tutti");
        await _sandbox.RunAsync("tutti");

        Assert.Equal(2, _sandbox.Builds);
    }

    [Fact]
    public async Task A_source_whose_time_alone_changed_means_no_build()
    {
        await _sandbox.RunAsync("tutti");
        File.SetLastWriteTimeUtc(Path.Combine(_sandbox.Repository, "src/Gateway/Other.cs"), DateTime.UnixEpoch);

        await _sandbox.RunAsync("tutti");

        Assert.Equal(1, _sandbox.Builds);
    }

    [Fact]
    public async Task Several_at_once_build_once_and_all_run()
    {
        var slow = new[] { ("FAKE_BUILD_S", "0.5") };

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => _sandbox.RunInAsync(_sandbox.Root, "tutti", slow, $"{i}")));

        Assert.All(results, r => Assert.Equal(0, r.ExitCode));
        Assert.Equal(1, _sandbox.Builds);
    }

    [Fact]
    public async Task It_works_through_a_symbolic_link_and_from_any_folder()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_sandbox.Root, "else where")).FullName;
        File.CreateSymbolicLink(Path.Combine(elsewhere, "link"), Path.Combine(_sandbox.Repository, "tutti"));

        var result = await _sandbox.RunInAsync(elsewhere, Path.Combine(elsewhere, "link"), [], "check");

        Assert.Equal($"<check> in {elsewhere}\n", result.Output);
    }

    [Fact]
    public async Task A_failed_build_shows_the_compilers_errors_and_is_tried_again()
    {
        var broken = new[] { ("FAKE_BUILD_ERROR", "Program.cs(1,1): error CS1002: ; expected") };

        var failed = await _sandbox.RunInAsync(_sandbox.Root, "tutti", broken);
        var mended = await _sandbox.RunAsync("tutti");

        Assert.Equal(1, failed.ExitCode);
        Assert.Equal("", failed.Output);
        Assert.Contains("error CS1002: ; expected", failed.Error, StringComparison.Ordinal);
        Assert.Equal(0, mended.ExitCode);
    }

    [Fact]
    public async Task Without_network_the_message_says_that_the_first_build_needs_it()
    {
        var offline = new[] { ("FAKE_BUILD_ERROR", "x.csproj : error NU1301: Unable to load the service index") };

        var result = await _sandbox.RunInAsync(_sandbox.Root, "tutti", offline);

        Assert.Contains("The first build needs the network.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_SDK_that_is_too_old_is_named_with_what_to_install()
    {
        var old = new[] { ("FAKE_SDKS", "8.0.404 [/fake]") };

        var result = await _sandbox.RunInAsync(_sandbox.Root, "tutti", old);

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("the .NET 10 SDK is missing (found: 8.0.404). Install it: https://", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_where_nothing_can_be_written_is_said_to_be_so()
    {
        // A file where the folder should be: root may write everywhere, so a mode would not stop it.
        _sandbox.Write("repo/artifacts", "");

        var result = await _sandbox.RunAsync("tutti");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cannot be written, and a build has to write there", result.Error, StringComparison.Ordinal);
    }
}
