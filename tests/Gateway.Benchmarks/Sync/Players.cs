using System.Globalization;

namespace Gateway.Benchmarks.Sync;

/// <summary>How one of the compared systems is started.</summary>
/// <param name="Id">In the figures' names.</param>
/// <param name="Start">Starts it with a folder of its own, its pipes and the music (a raw file), and adds its processes to the list.</param>
internal sealed record Player(string Id, string Title, Action<string, IReadOnlyList<Pipe>, string, List<PlayerProcess>> Start)
{
    public const string Own = "tutti";
    public const string OwnOverPulse = "tutti_pulse";

    /// <summary>The last of its processes is ours: it ends with its input, and has last words.</summary>
    public bool IsOurs => Id is Own or OwnOverPulse;

    public static IReadOnlyList<Player> All { get; } =
    [
        new(Own, "Tutti", StartOwn),
        new(OwnOverPulse, "Tutti over PulseAudio", StartOwnOverPulse),
        new("combine", "PulseAudio combine-sink", (home, pipes, music, started) => StartCombine(home, pipes, music, started, "")),
        new("combine_fast", "PulseAudio combine-sink, adjust_time=1", (home, pipes, music, started) => StartCombine(home, pipes, music, started, " adjust_time=1")),
        new("snapcast", "Snapcast over PulseAudio", StartSnapcast),
    ];

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(15);

    private static void StartOwn(string home, IReadOnlyList<Pipe> pipes, string music, List<PlayerProcess> started) =>
        started.Add(StartOwnPlayer(home, pipes.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Path}:{p.Frames}"))));

    private static void StartOwnOverPulse(string home, IReadOnlyList<Pipe> pipes, string music, List<PlayerProcess> started)
    {
        StartPulse(home, pipes, started);
        started.Add(StartOwnPlayer(home, pipes.Select((_, i) => $"s{i}").Prepend($"{OwnPlayer.PulseServer}unix:{home}/native")));
    }

    private static PlayerProcess StartOwnPlayer(string home, IEnumerable<string> outputs)
    {
        string[] program = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, typeof(Player).Assembly.Location]
            : [Environment.ProcessPath!];
        return PlayerProcess.Start(home, program[0], [.. program[1..], OwnPlayer.Name, home, .. outputs]);
    }

    private static void StartCombine(string home, IReadOnlyList<Pipe> pipes, string music, List<PlayerProcess> started, string options)
    {
        StartPulse(home, pipes, started, $"module-combine-sink sink_name=all slaves={string.Join(',', pipes.Select((_, i) => $"s{i}"))} rate=48000 channels=2 format=s16le{options}");
        started.Add(PlayerProcess.Start(home, "pacat", $"--server=unix:{home}/native", "--playback", "--device=all", "--raw", "--format=s16le", "--rate=48000", "--channels=2", music));
    }

    private static void StartSnapcast(string home, IReadOnlyList<Pipe> pipes, string music, List<PlayerProcess> started)
    {
        StartPulse(home, pipes, started);
        var port = LoopbackPort.Free().ToString(CultureInfo.InvariantCulture);
        var settings = Path.Combine(home, "snapserver.conf");
        File.WriteAllText(settings, "");
        var server = PlayerProcess.Start(
            home, "snapserver", "--config", settings, "--server.datadir", home, "--http.enabled", "0", "--tcp.enabled", "0",
            "--stream.bind_to_address", "127.0.0.1", "--stream.port", port, "--stream.codec", "pcm", "--stream.source", $"file://{music}?name=music");
        started.Add(server);
        Loopback.WaitUntilItAnswers(server, int.Parse(port, CultureInfo.InvariantCulture), s_startLimit);
        for (var i = 0; i < pipes.Count; i++)
            started.Add(PlayerProcess.Start(home, "snapclient", "-h", "127.0.0.1", "-p", port, "--hostID", $"s{i}", "--player", $"pulse:server=unix:{home}/native", "-s", $"s{i}"));
    }

    /// <summary>A PulseAudio of the run's own, with a sink for each pipe: it starts no other, and none starts it.</summary>
    private static void StartPulse(string home, IReadOnlyList<Pipe> pipes, List<PlayerProcess> started, params string[] more)
    {
        string[] modules =
        [
            .. pipes.Select((p, i) => $"module-pipe-sink file={p.Path} sink_name=s{i} format=s16le rate=48000 channels=2"),
            .. more,
            $"module-native-protocol-unix socket={home}/native auth-anonymous=1", // last: whoever finds the socket finds the sinks
        ];
        var pulse = PlayerProcess.Start(home, "pulseaudio", ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", .. modules.SelectMany(m => new[] { "-L", m })]);
        started.Add(pulse);
        Loopback.WaitFor($"{home}/native", pulse, s_startLimit);
    }
}

/// <summary>The way to one speaker, and how much lies in it at most.</summary>
internal sealed record Pipe(string Path, int Frames);
