using System.Diagnostics;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>
/// The headline, as a whole: <c>./tutti run</c> beside a Mosquitto, both inside the lab, by MQTT alone. An Echo is paired as its user does it, and is the
/// source of a group of speakers on one adapter, then of one on two (three of seven; two of three where the machine is slow). It plays in bursts; it is switched off and on, calls in either order of its
/// two roles, stalls, and pauses. What each speaker decoded is held against what the Echo sent, whole.
/// </summary>
internal sealed class EchoScenario(int speakers, int seconds, MachineMeter machine, Dictionary<string, object> figures)
{
    private const string Gateway = "gateway/lab";

    /// <summary>What one adapter takes beside the Echo.</summary>
    private int Few => speakers > 3 ? 3 : 2;

    /// <summary>The longest of the Echo's pauses between its bursts: what field reports tell of Echos.</summary>
    private const int PauseMs = 150;

    private readonly Dictionary<string, (double From, double To)> _parts = [];

    public async Task<IReadOnlyDictionary<string, object>> RunAsync()
    {
        using var broker = Broker.Start();
        using var folder = new WorkDirectory(Path.GetTempPath());
        var music = new NoiseFile(Path.Combine(folder.Path, "music.wav"), EchoRecord.SampleRate);
        var configuration = Path.Combine(folder.Path, "tutti.yaml");
        File.WriteAllText(configuration, Configuration(broker.Port));
        using var gateway = GatewayProcess.Run(new Build("tutti", [Path.Combine(RepositoryFiles.Root, "tutti")]), configuration, Path.Combine(folder.Path, "data"));
        using var remote = await LabRemote.ConnectAsync(broker.Port);
        try
        {
            LabHouse.TellEcho($"music {music.Path}");
            LabHouse.TellEcho($"pauses {PauseMs}");
            await PairAsync(remote);
            var few = Enumerable.Range(1, Few).ToList();
            var all = Enumerable.Range(1, speakers).ToList();
            await PlayAsync(remote, gateway, "few", few);
            await PlayAsync(remote, gateway, "all", all);
            await DisturbAsync(remote);
            await remote.CommandAsync("group/all", "active", "OFF", 30);
            await Task.Delay(1_500); // the speakers' next save
            Judge(few, all);
        }
        finally
        {
            File.WriteAllText(Path.Combine(LabHouse.Out, "tutti.log"), gateway.Log + remote.Dump());
        }

        return figures;
    }

    private string Configuration(int port)
    {
        var most = speakers > 3 ? 5 : 2; // one adapter does not take all
        var ids = Enumerable.Range(1, speakers).Select(n => $"s{n}").ToList();
        var lines = string.Join('\n', Enumerable.Range(1, speakers).Select(n => $"  - {{id: s{n}, name: Speaker {n}, address: '{LabHouse.Address(n)}'}}"));
        return $$"""
            gateway: {id: lab, name: Lab}
            mqtt: {url: "mqtt://127.0.0.1:{{port}}"}
            bluetooth: {adapters: [{name: hci0, max_streams: {{most}}}, {name: hci{{speakers + 1}}, max_streams: {{most}}}], audio: own}
            web: {listen: off}
            echoes:
              - {id: kitchen, name: Kitchen}
            speakers:
            {{lines}}
            groups:
              - {id: few, name: Few, members: [{{string.Join(", ", ids.Take(Few))}}], source: "echo:kitchen"}
              - {id: all, name: All, members: [{{string.Join(", ", ids)}}], source: "echo:kitchen"}

            """;
    }

    /// <summary>The Echo by the guided way, then the speakers.</summary>
    private async Task PairAsync(LabRemote remote)
    {
        await LabHouse.UntilAsync("the gateway is online", 90, () => remote.IsOnline("lab"));
        await LabHouse.UntilAsync("both adapters are shown", 30, () => remote.Shown("adapter/00aa01000000", "powered") == "True" && remote.Shown($"adapter/{SecondAdapter}", "powered") == "True");
        var asked = Now;
        await remote.CommandAsync("echo/kitchen", "pair", "PRESS", 30);
        LabHouse.TellEcho("pair");
        await LabHouse.UntilAsync("the Echo that has paired is said to be Kitchen", 90, () => Said(remote, "is Kitchen from now on"));
        Note("echo_named_s", Now - asked);
        await LabHouse.UntilAsync("the Echo is linked, and asked for music", 60, () => Said(remote, "Play something on it now"));
        Note("echo_linked_s", Now - asked);
        LabHouse.TellEcho("play");
        await LabHouse.UntilAsync("its sound is heard", 30, () => Said(remote, "Heard: sound arrives from Kitchen"));
        Note("echo_heard_s", Now - asked);
        await LabHouse.UntilAsync("pairing mode is off", 15, () => remote.Shown(Gateway, "pairing_mode") == "False");
        await remote.CommandAsync(Gateway, "rescan", "PRESS", 20);
        foreach (var n in Enumerable.Range(1, speakers)) await remote.CommandAsync($"speaker/s{n}", "pair", "PRESS", 90);
        figures["echo_taken_for_a_speaker"] = remote.Shown($"speaker/{Plain(LabHouse.Address(speakers + 2))}", "name") ?? "no";
    }

    private static bool Said(LabRemote remote, string words) => remote.Events.Any(e => e.Type == "pairing" && e.Text.Contains(words, StringComparison.Ordinal));

    private string SecondAdapter => Plain(LabHouse.Address(speakers + 1));

    private static string Plain(string address) => address.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();

    private async Task PlayAsync(LabRemote remote, GatewayProcess gateway, string group, List<int> members)
    {
        var command = Now;
        _parts[$"{group}_on"] = (command, command);
        await remote.CommandAsync($"group/{group}", "active", "ON", 90);
        await UntilPlayingAsync(remote, group, 60);
        Note($"{group}_shown_as_playing_s", Now - command);
        await LabScenarios.HeardAsync(members, command, 20);
        await Task.Delay(3_000); // what the promise grants for settling
        var (from, cpu) = (Now, gateway.CpuTime);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        _parts[group] = (from, Now);
        Note($"{group}_cpu_percent", 100 * (gateway.CpuTime - cpu).TotalSeconds / (Now - from));
        figures[$"{group}_adapters"] = members.Select(n => remote.Shown($"speaker/s{n}", "adapter")).Distinct().Count();
        if (group == "few") await remote.CommandAsync("group/few", "active", "OFF", 30);
    }

    private static Task UntilPlayingAsync(LabRemote remote, string group, double limit) =>
        LabHouse.UntilAsync($"{group} is shown as playing, without a problem", limit, () => remote.Shown($"group/{group}", "phase") == "playing" && remote.Shown($"group/{group}", "problem") is null,
            () => $"Its phase is {remote.Shown($"group/{group}", "phase")}, its problem {remote.Shown($"group/{group}", "problem")}");

    private static bool HasProblem(LabRemote remote) => remote.Shown("group/all", "problem") is not null || remote.Shown("group/all", "phase") != "playing";

    /// <summary>What an Echo does to people. The group of all plays, and shall go on by itself.</summary>
    private async Task DisturbAsync(LabRemote remote)
    {
        var start = Now;
        foreach (var order in (string[])["source", "sink"])
        {
            LabHouse.TellEcho($"order {order}");
            var off = Now;
            LabHouse.TellEcho("off");
            await LabHouse.UntilAsync("that the Echo is off is shown", 15, () => HasProblem(remote));
            Note($"off_shown_{order}_s", Now - off);
            await Task.Delay(5_000);
            await BackAsync(remote, $"on_{order}", "on");
        }

        var stalled = Now;
        LabHouse.TellEcho("stall link");
        await LabHouse.UntilAsync("the stall is shown", 15, () => HasProblem(remote));
        Note("stall_shown_s", Now - stalled);
        await BackAsync(remote, "stall", null);

        var before = remote.Events.Count;
        LabHouse.TellEcho("pause");
        await Task.Delay(8_000);
        figures["events_of_a_pause"] = remote.Events.Count - before;
        await BackAsync(remote, "pause", "play");
        _parts["disturbed"] = (start, Now);
    }

    /// <summary>Notes when it began, and waits until the group plays again.</summary>
    private async Task BackAsync(LabRemote remote, string part, string? command)
    {
        var begun = Now;
        if (command is not null) LabHouse.TellEcho(command);
        await Task.Delay(500);
        await UntilPlayingAsync(remote, "all", 60);
        await Task.Delay(8_000);
        _parts[part] = (begun, Now);
    }

    private void Judge(List<int> few, List<int> all)
    {
        var music = EchoRecord.Music();
        var sounds = all.Select(n => HeardSound.Read(n, SoundCheck.SampleRate)).ToList();
        foreach (var (group, members) in ((string, List<int>)[])[("few", few), ("all", all)])
        {
            var (from, to) = _parts[group];
            var heard = members.Select(n => HeardPackets.Read(n, from, to)).ToList();
            Note($"{group}_command_to_sound_s", LastSoundAfter([.. sounds.Take(members.Count)], _parts[$"{group}_on"].From));
            figures[$"{group}_sequence_gaps"] = heard.Sum(h => h.SequenceGaps);
            Note($"{group}_late_p99_ms", HeardPackets.Percentile(heard.SelectMany(h => h.LatenessMs(SoundCheck.SampleRate)), 99));
            Note($"{group}_skew_p99_ms", HeardPackets.Percentile(HeardPackets.SkewMs(heard), 99));
            Hold(group, SoundCheck.Of(music, [.. sounds.Take(members.Count)], from, to - 0.5, SoundCheck.Everything));
            var sent = EchoRecord.SentBetween(from, to);
            Note($"{group}_echo_longest_pause_ms", 1000 * Enumerable.Range(1, sent.Count - 1).Max(i => sent[i] - sent[i - 1]));
        }

        foreach (var part in (string[])["on_source", "on_sink", "stall", "pause"])
        {
            var (begun, end) = _parts[part];
            // What was on its way when it stalled is heard for a moment.
            var again = LastSoundAfter(sounds, begun + (part == "stall" ? 2 : 0.2)) + (part == "stall" ? 2 : 0.2);
            Note($"{part}_sound_again_s", again);
            Hold(part, SoundCheck.Of(music, sounds, begun + again + 1, end - 0.5, SoundCheck.Everything));
        }

        var disturbed = all.Select(n => HeardPackets.Read(n, _parts["disturbed"].From, _parts["disturbed"].To)).ToList();
        figures["disturbed_sequence_gaps"] = disturbed.Sum(h => h.SequenceGaps);
        Note("disturbed_longest_gap_ms", disturbed.Max(h => h.LongestGapMs));
        Note("disturbed_longest_gap_beyond_ms", disturbed.Max(h => h.LongestGapBeyondMs(machine)));
        figures["disturbed_longest_gaps"] = string.Join("; ", disturbed.Select((h, i) => $"speaker {all[i]}: {h.LongestGap.Ms:0} ms at {h.LongestGap.At - _parts["disturbed"].From:0.0} s"));
        // The gateway receives from it, and never plays to it.
        figures["echo_played_to_packets"] = HeardPackets.ReadFile("echo.csv").Packets.Count;
        figures["echo_other_role_open"] = EchoRecord.Count("configured") - EchoRecord.Count("cleared");
        figures[LabBench.NobodySilenced] = Below("disturbed_longest_gap_beyond_ms", 100);
        figures[LabBench.Holds] = Holds();
        figures["pass"] = figures[LabBench.Holds] is true && figures[LabBench.NobodySilenced] is true && IsWhole() && IsInTime();
    }

    private static readonly string[] s_played = ["few", "all"];
    private static readonly string[] s_heard = [.. s_played, "on_source", "on_sink", "stall", "pause"];

    private bool Holds() =>
        s_played.Append("disturbed").All(p => Is($"{p}_sequence_gaps", 0))
        && s_heard.All(p => IsAlmostWhole(p) && Is($"{p}_jumps", 0) && Below($"{p}_content_skew_ms", 20))
        && Below("disturbed_longest_gap_beyond_ms", ProductScenario.SilencedMs)
        && Is("all_adapters", 2) && Is("events_of_a_pause", 0) && Is("echo_played_to_packets", 0) && Is("echo_other_role_open", 0) && figures["echo_taken_for_a_speaker"] is "no";

    private bool IsAlmostWhole(string part) => (int)figures[$"{part}_unlike"] <= ProductScenario.UnlikeAtMost((int)figures[$"{part}_windows"]);

    /// <summary>A busy machine loses a window, and makes the bitpools fall.</summary>
    private bool IsWhole() => s_heard.All(p => Is($"{p}_unlike", 0) && !Below($"{p}_least_likeness", 0.99));

    private bool IsInTime() =>
        s_played.All(g => Below($"{g}_late_p99_ms", 20) && Below($"{g}_skew_p99_ms", 20) && !Below($"{g}_echo_longest_pause_ms", 100))
        && Below("stall_shown_s", 3.5) && Below("stall_sound_again_s", 20) && Below("on_source_sound_again_s", 25) && Below("on_sink_sound_again_s", 25) && Below("pause_sound_again_s", 3);

    private static double LastSoundAfter(IReadOnlyList<HeardSound> sounds, double from) => sounds.Max(s => (s.FirstSoundAfter(from) ?? double.PositiveInfinity) - from);

    private void Hold(string part, SoundCheck check)
    {
        if (check.SkewMs.Count == 0) throw new BenchmarkException($"nothing of \"{part}\" is what the Echo sent.");
        figures[$"{part}_windows"] = check.Windows;
        figures[$"{part}_unlike"] = check.Unlike;
        figures[$"{part}_least_likeness"] = Math.Round(check.LeastLikeness, 4);
        figures[$"{part}_jumps"] = check.Jumps;
        figures[$"{part}_content_skew_ms"] = Math.Round(HeardPackets.Percentile(check.SkewMs, 99), 3);
    }

    private static double Now => Stopwatch.GetTimestamp() / 1e9;

    private void Note(string figure, double value) => figures[figure] = Math.Round(value, 2);

    private bool Is(string figure, int value) => figures[figure] is int number && number == value;

    private bool Below(string figure, double limit) => (double)figures[figure] <= limit;
}
