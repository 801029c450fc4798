using System.Diagnostics;
using System.Globalization;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// The product as a whole: <c>./tutti run</c> beside a Mosquitto, both inside the lab, driven by MQTT alone, with a file as the source of a group of
/// three. A speaker goes off and comes back, bluetoothd is killed; nobody but the gateway brings the sound back.
/// </summary>
internal sealed class ProductScenario(int seconds, MachineMeter machine)
{
    private const int Players = 3;

    /// <summary>What another speaker's end may never cost a healthy one, on whatever machine; the promise is 100 ms.</summary>
    public const double SilencedMs = 1_000;
    private static readonly string[] s_speakers = ["one", "two", "three"];
    private readonly Dictionary<string, object> _figures = [];

    public async Task<IReadOnlyDictionary<string, object>> RunAsync()
    {
        using var broker = Broker.Start();
        using var folder = new WorkDirectory(Path.GetTempPath());
        var file = new NoiseFile(Path.Combine(folder.Path, "noise.wav"), SoundCheck.SampleRate);
        var configuration = Path.Combine(folder.Path, "tutti.yaml");
        File.WriteAllText(configuration, Configuration(broker.Port, "own"));
        var clock = Stopwatch.StartNew();
        using var gateway = GatewayProcess.Run(new Build("tutti", [Path.Combine(RepositoryFiles.Root, "tutti")]), configuration, Path.Combine(folder.Path, "data"));
        using var remote = await LabRemote.ConnectAsync(broker.Port);
        try
        {
            await PrepareAsync(remote, clock, file);
            var moments = await PlayAsync(remote, gateway);
            await remote.CommandAsync("group/all", "active", "OFF", 20);
            await Task.Delay(1_500); // the speakers' next save
            Judge(file, moments);
            JudgeLinks(remote, gateway, moments);
        }
        finally
        {
            File.WriteAllText(Path.Combine(LabHouse.Out, "tutti.log"), gateway.Log + remote.Dump());
        }

        return _figures;
    }

    /// <summary>When what happened, CLOCK_MONOTONIC seconds.</summary>
    private sealed record Moments(double Command, double Playing, double Off, double Back, double Whole, double Again, double End);

    /// <summary>What the gateway is told; the fourth speaker it is not told of.</summary>
    /// <param name="audio">Who carries Bluetooth's sound.</param>
    public static string Configuration(int port, string audio) => string.Create(CultureInfo.InvariantCulture, $$"""
        gateway: {id: lab, name: Lab}
        mqtt: {url: "mqtt://127.0.0.1:{{port}}"}
        bluetooth: {adapters: [{name: hci0, max_streams: 7}], audio: {{audio}}}
        audio: {media_dir: .}
        web: {listen: off}
        speakers:
          - {id: one, name: One, address: "{{LabHouse.Address(1)}}"}
          - {id: two, name: Two, address: "{{LabHouse.Address(2)}}"}
          - {id: three, name: Three, address: "{{LabHouse.Address(3)}}"}
        groups:
          - {id: all, name: All, members: [one, two, three]}

        """);

    private async Task PrepareAsync(LabRemote remote, Stopwatch clock, NoiseFile file)
    {
        await LabHouse.UntilAsync("the gateway is online", 60, () => remote.IsOnline("lab"));
        await LabHouse.UntilAsync("the adapter is shown", 30, () => remote.Shown("adapter/00aa01000000", "powered") == "True");
        _figures["start_s"] = Round(clock.Elapsed.TotalSeconds);
        await remote.CommandAsync("gateway/lab", "rescan", "PRESS", 20);
        await LabHouse.UntilAsync("the speaker that nobody listed is found", 30, () => remote.Shown("speaker/00aa01040004", "name") == "Lab Speaker 4");
        _figures["found_s"] = Round(clock.Elapsed.TotalSeconds);
        foreach (var speaker in s_speakers)
        {
            await remote.CommandAsync($"speaker/{speaker}", "pair", "PRESS", 60);
            await remote.CommandAsync($"speaker/{speaker}", "connected", "ON", 40);
            await LabHouse.UntilAsync($"{speaker} is shown as connected", 5, () => remote.Shown($"speaker/{speaker}", "connected") == "True");
        }

        _figures["all_connected_s"] = Round(clock.Elapsed.TotalSeconds);
        await remote.CommandAsync("group/all", "source", $"file:{file.Path}", 10);
    }

    private async Task<Moments> PlayAsync(LabRemote remote, GatewayProcess gateway)
    {
        int[] all = [1, 2, 3];
        var command = Now;
        await remote.CommandAsync("group/all", "active", "ON", 40);
        await LabScenarios.HeardAsync(all, command, 20);
        await LabHouse.UntilAsync("the group is shown as playing", 20, () => remote.Shown("group/all", "phase") == "playing");
        await Task.Delay(3_000); // what the promise grants for settling
        var (playing, cpu) = (Now, gateway.CpuTime);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var off = Now;
        _figures["cpu_percent_per_speaker"] = Math.Round(100 * (gateway.CpuTime - cpu).TotalSeconds / (off - playing) / Players, 2);

        LabHouse.Tell("off 2");
        await LabHouse.UntilAsync("two is shown as gone", 10, () => remote.Shown("speaker/two", "connected") == "False");
        _figures["disconnect_shown_ms"] = Round(1000 * (Now - off));
        await LabHouse.UntilAsync("the group plays on without two", 10, () => remote.Shown("group/all", "phase") == "degraded");
        await Task.Delay(5_000);
        var on = Now;
        LabHouse.Tell("on 2");
        var back = await LabScenarios.HeardAsync([2], on, 30);
        _figures["audio_again_s"] = Round(back - on);
        await LabHouse.UntilAsync("the group is whole again", 20, () => remote.Shown("group/all", "phase") == "playing");
        await Task.Delay(8_000);
        var whole = Now;

        LabHouse.Tell("crash");
        var again = await LabScenarios.HeardAsync(all, whole + 0.5, 40);
        _figures["all_stream_again_s"] = Round(again - whole);
        await LabHouse.UntilAsync("the group plays again", 20, () => remote.Shown("group/all", "phase") == "playing");
        await Task.Delay(8_000);
        return new Moments(command, playing, off, back, whole, again, Now);
    }

    private void Judge(NoiseFile file, Moments moments)
    {
        int[] all = [1, 2, 3];
        var sounds = all.Select(n => HeardSound.Read(n, SoundCheck.SampleRate)).ToList();
        var heard = all.Select(n => HeardPackets.Read(n, moments.Playing, moments.Off)).ToList();
        var late = heard.SelectMany(h => h.LatenessMs(SoundCheck.SampleRate)).ToList();
        _figures["command_to_audio_ms"] = Round(1000 * sounds.Max(s => (s.FirstSoundAfter(moments.Command) ?? double.PositiveInfinity) - moments.Command));
        _figures["sequence_gaps"] = heard.Sum(h => h.SequenceGaps);
        _figures["late_p99_ms"] = Round(HeardPackets.Percentile(late, 99));
        _figures["late_max_ms"] = Round(late.Max());
        _figures["skew_p99_ms"] = Round(HeardPackets.Percentile(HeardPackets.SkewMs(heard), 99));
        var others = new[] { 1, 3 }.Select(n => HeardPackets.Read(n, moments.Off - 1, moments.Whole)).ToList();
        _figures["others_longest_gap_ms"] = Round(others.Max(o => o.LongestGapMs));
        _figures["others_longest_gap_beyond_ms"] = Round(others.Max(o => o.LongestGapBeyondMs(machine)));
        Note("playing", SoundCheck.Of(file.Sound, sounds, moments.Playing, moments.Off - 0.1));
        Note("others", SoundCheck.Of(file.Sound, [sounds[0], sounds[2]], moments.Off, moments.Back));
        Note("back", SoundCheck.Of(file.Sound, sounds, moments.Back + 4, moments.Whole - 0.1));
        Note("again", SoundCheck.Of(file.Sound, sounds, moments.Again + 4, moments.End - 2));
        string[] parts = ["playing", "others", "back", "again"];
        _figures[LabBench.Holds] = Is("sequence_gaps", 0) && parts.All(part => IsAlmostWhole(part) && Is($"{part}_jumps", 0) && Below($"{part}_content_skew_ms", 20));
        _figures["pass"] = parts.All(part => Is($"{part}_unlike", 0)) && Below("late_p99_ms", 20) && Below("skew_p99_ms", 20) && Below("audio_again_s", 15) && Below("all_stream_again_s", 20) && Below("disconnect_shown_ms", 1_000);
    }

    // Two is switched off, and bluetoothd is killed: every other end of a link is the gateway's own doing.
    private void JudgeLinks(LabRemote remote, GatewayProcess gateway, Moments moments)
    {
        var lost = remote.Lost(moments.Command, moments.Off).Concat(remote.Lost(moments.Off, moments.Whole).Where(device => device is not ("two" or "speaker/two"))).ToList();
        _figures["links_given_up"] = gateway.Log.Split("takes no sound any more").Length - 1;
        _figures["links_lost_of_themselves"] = string.Join(' ', lost);
        var kept = Is("links_given_up", 0) && lost.Count == 0;
        _figures[LabBench.NobodySilenced] = kept && Below("others_longest_gap_beyond_ms", 100);
        _figures[LabBench.Holds] = _figures[LabBench.Holds] is true && kept && Below("others_longest_gap_beyond_ms", SilencedMs);
        _figures["pass"] = _figures["pass"] is true && _figures[LabBench.Holds] is true && _figures[LabBench.NobodySilenced] is true;
    }

    /// <summary>A machine that is too slow for a packet's 150 ms makes a hole of a window; what we do wrong makes many.</summary>
    public static int UnlikeAtMost(int windows) => Math.Max(1, windows / 50);

    private bool IsAlmostWhole(string part) => (int)_figures[$"{part}_unlike"] <= UnlikeAtMost((int)_figures[$"{part}_windows"]);

    private void Note(string part, SoundCheck check)
    {
        if (check.SkewMs.Count == 0) throw new BenchmarkException($"nothing of \"{part}\" is the file's sound.");
        _figures[$"{part}_windows"] = check.Windows;
        _figures[$"{part}_unlike"] = check.Unlike;
        _figures[$"{part}_least_likeness"] = Math.Round(check.LeastLikeness, 3);
        _figures[$"{part}_jumps"] = check.Jumps;
        _figures[$"{part}_content_skew_ms"] = Math.Round(HeardPackets.Percentile(check.SkewMs, 99), 3);
    }

    private static double Now => Stopwatch.GetTimestamp() / 1e9;

    private static double Round(double value) => Math.Round(value, 2);

    private bool Is(string figure, int value) => _figures[figure] is int number && number == value;

    private bool Below(string figure, double limit) => (double)_figures[figure] <= limit;
}
