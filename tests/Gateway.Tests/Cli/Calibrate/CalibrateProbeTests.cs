using System.Text.Json;
using Gateway.Cli;
using Gateway.Cli.Calibrate;

namespace Gateway.Tests.Cli.Calibrate;

public sealed class CalibrateProbeTests(ProbeFolder folder) : IClassFixture<ProbeFolder>
{
    [Fact]
    public void Each_speaker_gets_a_file_of_equal_length_and_the_folder_says_which_run_it_is()
    {
        Assert.Equal((ExitCodes.Fine, ""), (folder.Result.Exit, folder.Result.Error));
        Assert.Contains($"tutti calibrate analyse --probe {folder.Path} RECORDING.wav", folder.Result.Output, StringComparison.Ordinal);
        Assert.Equal(["probe.json", "speaker-1.wav", "speaker-2.wav", "speaker-3.wav"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        Assert.Single(folder.Files.Select(f => f.Length).Distinct());
        Assert.All(folder.Files, f => Assert.InRange(f.Max(Math.Abs), 0.15f, 0.3f));
        var probe = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "probe.json"))).RootElement;
        Assert.Equal((3, 2, 48_000), (probe.GetProperty("speakers").GetInt32(), probe.GetProperty("probes").GetInt32(), probe.GetProperty("sample_rate").GetInt32()));
    }

    [Fact]
    public void A_second_call_leaves_no_speaker_of_the_first()
    {
        using var temporary = new TemporaryFolder();
        Cli.Run(CalibrateCommand.Create(), "probe", "--speakers", "3", "--out", temporary.Path);

        Cli.Run(CalibrateCommand.Create(), "probe", "--speakers", "1", "--out", temporary.Path, "--probes", "3");

        Assert.Equal(["probe.json", "speaker-1.wav"], Directory.GetFiles(temporary.Path).Select(Path.GetFileName).Order());
        Assert.Equal(3, ProbeFiles.Read(temporary.Path).Probes);
    }

    [Theory]
    [InlineData("0", "2", "--speakers 0: one recording tells 1 to 16 speakers apart.")]
    [InlineData("17", "2", "--speakers 17: one recording tells 1 to 16 speakers apart.")]
    [InlineData("-1", "2", "--speakers -1: ")]
    [InlineData("2", "4", "--probes 4: a run has 2 or 3 probes.")]
    public void A_run_that_cannot_be_is_refused(string speakers, string probes, string words)
    {
        var (exit, output, error) = Cli.Run(CalibrateCommand.Create(), "probe", "--speakers", speakers, "--probes", probes, "--out", "/nowhere/at/all");

        Assert.Equal((ExitCodes.UsageOrConfiguration, ""), (exit, output));
        Assert.StartsWith(words, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        using var temporary = new TemporaryFolder();
        var file = temporary.Write("file", "");

        var (exit, _, error) = Cli.Run(CalibrateCommand.Create(), "probe", "--speakers", "1", "--out", file);

        Assert.Equal(ExitCodes.UsageOrConfiguration, exit);
        Assert.StartsWith($"--out {file}: cannot be written (it is a file).", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_where_none_can_be_made_is_named_with_the_reason()
    {
        var (exit, _, error) = Cli.Run(CalibrateCommand.Create(), "probe", "--speakers", "1", "--out", "/proc/x");

        Assert.Equal(ExitCodes.UsageOrConfiguration, exit);
        Assert.StartsWith("--out /proc/x: cannot be written (no folder can be made there). Name a folder that you may write to", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "There is no ")]
    [InlineData("{", "does not describe a probe (it is no JSON from line 1 on)")]
    [InlineData("{\"vers\\ud800ion\":1}", "does not describe a probe (it holds half a character)")]
    [InlineData("[]", "does not describe a probe (it holds no whole number named version, speakers, probes, series)")]
    [InlineData("{\"version\":1,\"speakers\":\"two\",\"probes\":2.5,\"series\":1}", "does not describe a probe (it holds no whole number named speakers, probes)")]
    [InlineData("{\"version\":1,\"speakers\":17,\"probes\":2,\"series\":1}", "does not describe a probe (One calibration run takes 1 to 16 speakers)")]
    [InlineData("{\"version\":1,\"speakers\":2}", "does not describe a probe (it holds no whole number named probes, series). Give --probe the folder")]
    [InlineData("{\"version\":2,\"speakers\":2,\"probes\":2,\"series\":1}", "is of version 2")]
    public void A_probe_that_is_none_is_refused_with_the_remedy(string? content, string words)
    {
        using var temporary = new TemporaryFolder();
        if (content is not null) temporary.Write("probe.json", content);

        var (exit, output, error) = Cli.Run(CalibrateCommand.Create(), "analyse", "--probe", temporary.Path, "recording.wav", "--json");

        Assert.Equal((ExitCodes.UsageOrConfiguration, ""), (exit, output));
        Assert.Contains(words, error, StringComparison.Ordinal);
    }
}
