using System.Diagnostics;
using System.Globalization;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// Home Assistant OS's situation: a system-wide PulseAudio with that system's modules has the sound of the lab's adapter, and <c>./tutti run</c> beside a
/// Mosquitto plays a file through it to a group of three, as a user without any rights, with <c>bluetooth.audio: auto</c>, by MQTT alone. Each speaker is
/// asked to be later than the one before. One goes off and comes back.
/// </summary>
internal sealed class ServerScenario(int seconds, MachineMeter machine, Dictionary<string, object> figures)
{
    /// <summary>What that PulseAudio plays at.</summary>
    private const int SampleRate = 44_100;
    private const int SamplesPerFrame = 128;

    /// <summary>Debian's nobody and nogroup.</summary>
    private const string Nobody = "65534";
    private const string Gateway = "gateway/lab";
    private const double SkewLimitMs = 2;
    private static readonly (string Id, double TrimMs)[] s_speakers = [("one", 0), ("two", 60), ("three", 25.5)];
    private static readonly int[] s_all = [1, 2, 3];

    public async Task<IReadOnlyDictionary<string, object>> RunAsync()
    {
        using var broker = Broker.Start();
        using var folder = new WorkDirectory(Path.GetTempPath());
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        var file = new NoiseFile(Path.Combine(folder.Path, "noise.wav"), SampleRate);
        var configuration = Path.Combine(folder.Path, "tutti.yaml");
        File.WriteAllText(configuration, ProductScenario.Configuration(broker.Port, "auto"));
        var clock = Stopwatch.StartNew();
        var ordinary = new Build("tutti", ["setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups", "--bounding-set", "-all", "--inh-caps", "-all", "--no-new-privs",
            "env", $"HOME={folder.Path}", Path.Combine(RepositoryFiles.Root, "tutti")]);
        using var gateway = GatewayProcess.Run(ordinary, configuration, Path.Combine(folder.Path, "data"));
        using var remote = await LabRemote.ConnectAsync(broker.Port);
        try
        {
            await PrepareAsync(remote, clock, file);
            var moments = await PlayAsync(remote, gateway);
            await remote.CommandAsync("group/all", "active", "OFF", 20);
            await Task.Delay(1_500); // the speakers' next save
            Judge(file, moments);
            figures["links_lost_of_themselves"] = string.Join(' ', remote.Lost(moments.Command, moments.Off).Concat(remote.Lost(moments.Off, moments.End).Where(d => d is not ("two" or "speaker/two"))));
            figures[LabBench.Holds] = Holds();
            figures["pass"] = figures[LabBench.Holds] is true && Below("command_to_sound_ms", 1_000) && Below("audio_again_s", 15);
        }
        finally
        {
            File.WriteAllText(Path.Combine(LabHouse.Out, "tutti.log"), gateway.Log + remote.Dump());
        }

        return figures;
    }

    /// <summary>When what happened, CLOCK_MONOTONIC seconds.</summary>
    private sealed record Moments(double Command, double Playing, double Off, double On, double Back, double End);

    private async Task PrepareAsync(LabRemote remote, Stopwatch clock, NoiseFile file)
    {
        await LabHouse.UntilAsync("the gateway is online", 60, () => remote.IsOnline("lab"));
        await LabHouse.UntilAsync("the adapter is shown", 30, () => remote.Shown("adapter/00aa01000000", "powered") == "True");
        Note("start_s", clock.Elapsed.TotalSeconds);
        await remote.CommandAsync(Gateway, "rescan", "PRESS", 20);
        await LabHouse.UntilAsync("the speaker that nobody listed is found", 30, () => remote.Shown("speaker/00aa01040004", "name") == "Lab Speaker 4");
        foreach (var (id, trimMs) in s_speakers)
        {
            await remote.CommandAsync($"speaker/{id}", "pair", "PRESS", 60);
            await remote.CommandAsync($"speaker/{id}", "connected", "ON", 40);
            await remote.CommandAsync($"speaker/{id}", "trim_ms", trimMs.ToString(CultureInfo.InvariantCulture), 10);
        }

        Note("all_connected_s", clock.Elapsed.TotalSeconds);
        await remote.CommandAsync("group/all", "source", $"file:{file.Path}", 10);
        figures["bluetooth_audio"] = remote.Shown(Gateway, "bluetooth_audio") ?? "none";
    }

    private async Task<Moments> PlayAsync(LabRemote remote, GatewayProcess gateway)
    {
        var defaultSink = DefaultSink();
        var command = Now;
        await remote.CommandAsync("group/all", "active", "ON", 40);
        await LabHouse.UntilAsync("the group is shown as playing", 20, () => remote.Shown("group/all", "phase") == "playing");
        await Task.Delay(3_000); // what the promise grants for settling
        var (playing, cpu) = (Now, gateway.CpuTime);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var off = Now;
        figures["cpu_percent_per_speaker"] = Math.Round(100 * (gateway.CpuTime - cpu).TotalSeconds / (off - playing) / s_all.Length, 2);
        figures["default_sink_kept"] = DefaultSink() == defaultSink;

        LabHouse.Tell("off 2");
        await LabHouse.UntilAsync("two is shown as gone", 10, () => remote.Shown("speaker/two", "connected") == "False");
        await LabHouse.UntilAsync("the group plays on without two", 10, () => remote.Shown("group/all", "phase") == "degraded");
        await Task.Delay(3_000);
        var on = Now;
        LabHouse.Tell("on 2");
        var back = await LabScenarios.HeardAsync([2], on, 30);
        await LabHouse.UntilAsync("the group is whole again", 30, () => remote.Shown("group/all", "phase") == "playing");
        await Task.Delay(8_000);
        return new Moments(command, playing, off, on, back, Now);
    }

    private void Judge(NoiseFile file, Moments moments)
    {
        var playing = Heard(s_all, moments.Command - 1, moments.Off);
        Note("command_to_sound_ms", 1000 * playing.Select((sound, n) => (sound.FirstSoundAfter(moments.Command) ?? double.PositiveInfinity) + (s_speakers[n].TrimMs / 1000) - moments.Command).Max());
        Note("playing", file, s_all, playing, moments.Playing, moments.Off);
        Note("others", file, [1, 3], Heard([1, 3], moments.Playing, moments.Back), moments.Off, moments.Back);
        var back = Heard(s_all, moments.Back, moments.End);
        Note("audio_again_s", (back[1].FirstSoundAfter(0) ?? double.PositiveInfinity) - moments.On);
        Note("back", file, s_all, back, moments.Back + 4, moments.End);
    }

    private static List<HeardSound> Heard(int[] numbers, double from, double to) => [.. numbers.Select(n => HeardSound.ReadByArrival(n, SampleRate, from, to, s_speakers[n - 1].TrimMs))];

    private void Note(string part, NoiseFile file, int[] numbers, List<HeardSound> sounds, double from, double to)
    {
        // Everything that came in the span but for its ends, which not all speakers have.
        var check = SoundCheck.Of(file.Sound, sounds, from + 0.1, to - 0.3);
        if (check.SkewMs.Count == 0) throw new BenchmarkException($"nothing of \"{part}\" is the file's sound.");
        var packets = numbers.Select(n => HeardPackets.Read(n, from, to)).ToList();
        figures[$"{part}_sequence_gaps"] = packets.Sum(p => p.SequenceGaps);
        figures[$"{part}_server_skips"] = packets.Sum(p => p.TimestampSkips(SamplesPerFrame));
        figures[$"{part}_windows"] = check.Windows;
        figures[$"{part}_unlike"] = check.Unlike;
        figures[$"{part}_least_likeness"] = Math.Round(check.LeastLikeness, 4);
        figures[$"{part}_jumps"] = check.Jumps;
        figures[$"{part}_content_skew_p50_ms"] = Math.Round(HeardPackets.Percentile(check.SkewMs, 50), 3);
        figures[$"{part}_content_skew_ms"] = Math.Round(HeardPackets.Percentile(check.SkewMs, 99), 3);
        Note($"{part}_longest_gap_beyond_ms", packets.Max(p => p.LongestGapBeyondMs(machine)));
    }

    private bool Holds() => figures["bluetooth_audio"] is "pulse" && figures["default_sink_kept"] is true && figures["links_lost_of_themselves"] is ""
        && ((string[])["playing", "others", "back"]).All(p => Is($"{p}_sequence_gaps", 0) && (int)figures[$"{p}_unlike"] <= 2 * (int)figures[$"{p}_server_skips"]
            && Is($"{p}_jumps", 0) && !Below($"{p}_least_likeness", 0.99) && Below($"{p}_content_skew_ms", SkewLimitMs));

    private static string DefaultSink()
    {
        using var asked = Process.Start(new ProcessStartInfo("pactl", ["get-default-sink"]) { RedirectStandardOutput = true })!;
        var name = asked.StandardOutput.ReadToEnd();
        asked.WaitForExit();
        return name;
    }

    private static double Now => Stopwatch.GetTimestamp() / 1e9;

    private void Note(string figure, double value) => figures[figure] = Math.Round(value, 2);

    private bool Is(string figure, int value) => figures[figure] is int number && number == value;

    private bool Below(string figure, double limit) => (double)figures[figure] <= limit;
}
