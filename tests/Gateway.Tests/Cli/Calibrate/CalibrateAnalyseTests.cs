using System.Text.Json;
using Gateway.Alignment.Dsp;
using Gateway.Cli;
using Gateway.Cli.Calibrate;
using NAudio.Wave;

namespace Gateway.Tests.Cli.Calibrate;

/// <summary>From the files that <c>probe</c> wrote over what a microphone hears of them to the delays, as a user does it.</summary>
public sealed class CalibrateAnalyseTests(ProbeFolder folder) : IClassFixture<ProbeFolder>
{
    private static readonly WaveFormat s_float = WaveFormat.CreateIeeeFloatWaveFormat(48_000, 1);

    [Fact]
    public void The_json_is_the_contract_s_and_the_delays_are_right()
    {
        var (exit, output, error) = folder.Analyse(folder.Record(folder.Hear(), new WaveFormat(48_000, 24, 1)), "--json");

        Assert.Equal((ExitCodes.Fine, ""), (exit, error));
        var root = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["skew_ppm", "sample_rate", "speakers"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(0, root.GetProperty("skew_ppm").GetDouble(), 0.5);
        Assert.Equal(48_000, root.GetProperty("sample_rate").GetInt32());
        var speakers = root.GetProperty("speakers").EnumerateArray().ToList();
        Assert.All(speakers, s => Assert.Equal(["speaker", "arrival_ms", "relative_ms", "delay_ms", "quality", "direct_ratio", "accepted", "reason"], s.EnumerateObject().Select(p => p.Name)));
        Assert.Equal([1, 2, 3], speakers.Select(s => s.GetProperty("speaker").GetInt32()));
        Assert.All(speakers, s => Assert.True(s.GetProperty("accepted").GetBoolean() && s.GetProperty("reason").ValueKind == JsonValueKind.Null));
        Assert.All(speakers, s => Assert.Equal(-s.GetProperty("relative_ms").GetDouble(), s.GetProperty("delay_ms").GetDouble()));
        AssertDelays(speakers);
        // The recording began 625 ms before the files did.
        Assert.Equal(625 + 10, speakers[0].GetProperty("arrival_ms").GetDouble(), 0.05);
    }

    [Theory]
    [InlineData(32_000, 80)]
    [InlineData(44_100, -100)]
    [InlineData(96_000, 0)]
    [InlineData(192_000, -40)]
    public void Any_recorder_s_rate_and_clock_give_the_same(int rate, double skewPpm)
    {
        var recording = folder.Record(Resample(folder.Hear(), rate, skewPpm), WaveFormat.CreateIeeeFloatWaveFormat(rate, 1));

        var (exit, output, _) = folder.Analyse(recording, "--json");

        Assert.Equal(ExitCodes.Fine, exit);
        var root = JsonDocument.Parse(output).RootElement;
        Assert.Equal(skewPpm, root.GetProperty("skew_ppm").GetDouble(), 1.0);
        Assert.Equal(rate, root.GetProperty("sample_rate").GetInt32());
        AssertDelays(root.GetProperty("speakers").EnumerateArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25f)]
    public void A_dead_channel_is_left_out_also_where_an_offset_stands_on_it(float offset)
    {
        var stereo = folder.Hear().SelectMany(x => new[] { offset, x }).ToArray();

        var (exit, output, _) = folder.Analyse(folder.Record(stereo, WaveFormat.CreateIeeeFloatWaveFormat(48_000, 2)), "--json");

        Assert.Equal(ExitCodes.Fine, exit);
        AssertDelays(JsonDocument.Parse(output).RootElement.GetProperty("speakers").EnumerateArray());
    }

    [Fact]
    public void Without_json_each_speaker_has_a_line()
    {
        var (exit, output, _) = folder.Analyse(folder.Record(folder.Hear(), s_float));

        Assert.Equal(ExitCodes.Fine, exit);
        var lines = output.TrimEnd().Split('\n');
        Assert.Matches(@"^The recorder's clock is \d\.\d ppm (fast|slow); this is taken out\.$", lines[0]);
        Assert.Matches(@"^speaker 1   delay   240\.0\d\d ms  quality", lines[1]);
        Assert.Matches(@"^speaker 2   delay     0\.000 ms  quality", lines[2]);
    }

    [Fact]
    public void What_is_rejected_ends_with_4_and_has_no_figure()
    {
        var (exit, output, error) = folder.Analyse(folder.Record(folder.Hear()[..500_000], s_float), "--json");
        var (_, text, _) = folder.Analyse(folder.Record(new float[900_000], s_float));

        Assert.Equal((ExitCodes.MeasurementRejected, ""), (exit, error));
        var root = JsonDocument.Parse(output).RootElement;
        Assert.Equal(JsonValueKind.Null, root.GetProperty("skew_ppm").ValueKind);
        Assert.All(root.GetProperty("speakers").EnumerateArray(), s =>
        {
            Assert.Equal("too_short", s.GetProperty("reason").GetString());
            Assert.All((string[])["arrival_ms", "relative_ms", "delay_ms"], name => Assert.Equal(JsonValueKind.Null, s.GetProperty(name).ValueKind));
        });
        Assert.StartsWith("Nothing was measured (no_probe). The recording is silent.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(44_100, "plays 8.8 % slow: the header's rate is wrong. It says 44100 Hz, and the sound has 48000.")]
    [InlineData(96_000, "plays 100 % fast: the header's rate is wrong. It says 96000 Hz, and the sound has 48000.")]
    [InlineData(16_000, "plays 200 % slow: the header's rate is wrong. It says 16000 Hz, and the sound has 48000.")]
    public void A_header_with_another_rate_than_the_sound_s_is_told_and_no_chance_peak_is_taken_for_the_run(int header, string said)
    {
        var recording = folder.Record(folder.Hear(), WaveFormat.CreateIeeeFloatWaveFormat(header, 1));

        var (exit, text, _) = folder.Analyse(recording);
        var (_, output, _) = folder.Analyse(recording, "--json");

        Assert.Equal(ExitCodes.MeasurementRejected, exit);
        Assert.StartsWith($"Nothing was measured (sample_rate). The recording {said}", text, StringComparison.Ordinal);
        Assert.Equal(3, output.Split("\"reason\":\"sample_rate\"").Length - 1);
    }

    [Fact]
    public void A_recording_of_another_probe_holds_no_probe()
    {
        using var other = new TemporaryFolder();
        Cli.Run(CalibrateCommand.Create(), "probe", "--speakers", "3", "--out", other.Path);

        var (exit, output, _) = Cli.Run(CalibrateCommand.Create(), "analyse", "--json", "--probe", other.Path, folder.Record(folder.Hear(), s_float));

        Assert.Equal(ExitCodes.MeasurementRejected, exit);
        Assert.Equal(3, output.Split("\"no_probe\"").Length - 1);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_is_no_number_makes_the_file_unreadable_wherever_it_stands(float value)
    {
        var (exit, output, error) = folder.Analyse(folder.Record([.. folder.Hear(), value], s_float), "--json");

        Assert.Equal((ExitCodes.UsageOrConfiguration, ""), (exit, output));
        Assert.Contains("values that are not numbers", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_recording_is_searched_to_its_end()
    {
        var noise = new float[48_000 * 150];
        var random = new Random(2);
        for (var n = 0; n < noise.Length; n++) noise[n] = 0.002f * ((float)random.NextDouble() - 0.5f);

        var (exit, output, _) = folder.Analyse(folder.Record([.. noise, .. folder.Hear()], s_float), "--json");

        Assert.Equal(ExitCodes.Fine, exit);
        var speakers = JsonDocument.Parse(output).RootElement.GetProperty("speakers").EnumerateArray().ToList();
        AssertDelays(speakers);
        Assert.Equal(150_000 + 625 + 10, speakers[0].GetProperty("arrival_ms").GetDouble(), 0.1);
    }

    [Fact]
    public void A_second_place_finds_the_speaker_whose_way_was_blocked_at_the_first()
    {
        // At the first place speaker 3 is heard by a reflection alone, 4 ms late: nothing in that recording shows it.
        var blocked = folder.Record(folder.Hear(blocked: 2), s_float);
        var free = folder.Record(folder.Hear(), s_float);

        var (alone, _, _) = folder.Analyse(blocked, "--json");
        var (exit, output, error) = folder.Analyse(blocked, "--json", "--second-place", free, "--moved", "0.4");
        var (twice, _, _) = folder.Analyse(free, "--json", "--second-place", free, "--moved", "0");

        Assert.Equal((ExitCodes.Fine, ExitCodes.MeasurementRejected, ExitCodes.Fine, ""), (alone, exit, twice, error));
        var speakers = JsonDocument.Parse(output).RootElement.GetProperty("speakers").EnumerateArray().ToList();
        Assert.Equal(["", "", "disagreement"], speakers.Select(s => s.GetProperty("reason").GetString() ?? ""));
        Assert.Equal(JsonValueKind.Null, speakers[2].GetProperty("delay_ms").ValueKind);
        Assert.Equal(240, speakers[0].GetProperty("delay_ms").GetDouble(), 0.05);
    }

    [Theory]
    [InlineData("--second-place RECORDING and --moved METRES belong together", "--moved", "1")]
    [InlineData("--second-place RECORDING and --moved METRES belong together", "--second-place", "x.wav")]
    [InlineData("--moved -1: give the distance", "--second-place", "x.wav", "--moved", "-1")]
    [InlineData("--moved far: give the distance", "--second-place", "x.wav", "--moved", "far")]
    [InlineData("x.wav", "--second-place", "x.wav", "--moved", "1")]
    public void A_second_place_needs_a_recording_and_a_distance(string said, params string[] more)
    {
        var (exit, output, error) = folder.Analyse(folder.Record(folder.Hear(), s_float), more);

        Assert.NotEqual(ExitCodes.Fine, exit);
        Assert.DoesNotContain("delay", output, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    private static void AssertDelays(IEnumerable<JsonElement> speakers)
    {
        var expected = ProbeFolder.LateFrames.Select(frames => (ProbeFolder.LateFrames.Max() - frames) / 48.0);
        Assert.All(speakers.Zip(expected), pair => Assert.Equal(pair.Second, pair.First.GetProperty("delay_ms").GetDouble(), 0.05));
    }

    /// <summary>As a recorder of another rate, whose clock runs fast by so many ppm, delivers it.</summary>
    private static float[] Resample(float[] heard, int rate, double skewPpm)
    {
        var stereo = new float[2 * heard.Length];
        for (var n = 0; n < heard.Length; n++) stereo[2 * n] = heard[n];
        var output = new float[2 * (int)((double)heard.Length * rate / 48_000)];
        var frames = new Resampler(48_000, rate).Process(stereo, output, 48_000.0 / rate / (1 + skewPpm * 1e-6), out _);
        return [.. Enumerable.Range(0, frames).Select(n => output[2 * n])];
    }
}
