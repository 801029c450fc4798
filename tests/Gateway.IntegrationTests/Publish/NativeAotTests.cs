using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gateway.IntegrationTests.Publish;

/// <summary>The release builds, published and run: this machine's own, and from x64 the Raspberry Pi's under an emulator.</summary>
public sealed partial class NativeAotTests
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Rids => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? ["linux-arm64"] : ["linux-x64", "linux-arm64"];

    private static string Version =>
        XDocument.Load(RepositoryFiles.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

    [Theory]
    [MemberData(nameof(Rids))]
    public async Task Publishing_gives_no_trim_and_no_AOT_warning(string rid)
    {
        var program = await PublishedProgram.PublishAsync(rid);

        Assert.Empty(Complaint().Matches(program.Log).Select(m => m.Value));
    }

    [Theory]
    [MemberData(nameof(Rids))]
    public async Task The_binary_and_its_database_library_are_for_the_machine(string rid)
    {
        var program = await PublishedProgram.PublishAsync(rid);
        var library = Path.Combine(Path.GetDirectoryName(program.Path)!, "libe_sqlite3.so");

        var machines = new[] { program.Path, library }.Select(ElfMachine);

        var expected = rid == "linux-arm64" ? (ushort)183 : (ushort)62; // EM_AARCH64, EM_X86_64 of the ELF specification
        Assert.Equal([expected, expected], machines);
    }

    [Theory]
    [MemberData(nameof(Rids))]
    public async Task The_binary_says_its_version(string rid)
    {
        var program = await PublishedProgram.PublishAsync(rid);

        var result = await program.RunAsync("version");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains(Version, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Rids))]
    public async Task The_binary_reads_a_whole_configuration(string rid)
    {
        var program = await PublishedProgram.PublishAsync(rid);

        var result = await program.RunAsync("check", "--config", "config/demo.yaml");

        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
    }

    [Theory]
    [MemberData(nameof(Rids))]
    public async Task The_binary_names_the_line_of_a_mistake_in_a_configuration(string rid)
    {
        var program = await PublishedProgram.PublishAsync(rid);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "wrong.yaml");
        await File.WriteAllTextAsync(file, "gateway: { name: Here }\nspeekers: []\n");

        var result = await program.RunAsync("check", "--config", file);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("wrong.yaml:2:1", result.Output + result.Error, StringComparison.Ordinal);
        Assert.Contains("speakers", result.Output + result.Error, StringComparison.Ordinal);
    }

    /// <summary>Through SQLite's own native library, and to a clean end on the signal that supervisors send.</summary>
    [Theory]
    [MemberData(nameof(Rids))]
    public async Task The_binary_opens_its_store_and_ends_cleanly_on_SIGTERM(string rid)
    {
        var program = await PublishedProgram.PublishAsync(rid);
        using var folder = new TemporaryFolder();
        var configuration = Path.Combine(folder.Path, "tutti.yaml");
        await File.WriteAllTextAsync(configuration, "mqtt: { url: \"mqtt://127.0.0.1:9\" }\n");
        using var running = program.Start("run", "--config", configuration, "--data", folder.Path);
        // Nobody answers at that port. When it says so, its store is open and its signals are handled.
        await running.SaysAsync("No connection to the MQTT broker", s_startLimit);

        var exitCode = await running.TerminateAsync(s_stopLimit);

        Assert.True(exitCode == 0, $"It ended with {exitCode}:\n{running.Text}");
        Assert.True(File.Exists(Path.Combine(folder.Path, "tutti.db")), $"No database was made:\n{running.Text}");
    }

    [Fact]
    public async Task The_binary_of_this_machine_runs_the_demo()
    {
        var program = await PublishedProgram.PublishAsync(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64");

        var result = await program.RunAsync("demo", "--for", "5", "--no-story");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Matches("^broker mqtt://127\\.0\\.0\\.1:[0-9]+\n", result.Output);
    }

    /// <summary>e_machine: two bytes at offset 18 of the header (little-endian on both machines).</summary>
    private static ushort ElfMachine(string path)
    {
        using var file = File.OpenRead(path);
        var header = new byte[20];
        file.ReadExactly(header);
        return BitConverter.ToUInt16(header, 18);
    }

    [GeneratedRegex(@"^.*\b(warning|error)\b.*$", RegexOptions.Multiline)]
    private static partial Regex Complaint();
}
