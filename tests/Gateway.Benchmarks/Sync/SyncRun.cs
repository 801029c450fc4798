using System.Diagnostics;

namespace Gateway.Benchmarks.Sync;

/// <summary>One system that plays to three virtual speakers of its own: 0, +100 and -100 ppm with 171, 341 and 85 ms of buffer.</summary>
internal sealed class SyncRun : IDisposable
{
    /// <summary>The speaker that gets nothing for a while.</summary>
    public const int Starved = 0;
    private const double FirstBlockNanoseconds = 100e6;
    private static readonly (double Ppm, int Frames)[] s_speakers = [(0, 8192), (100, 16_384), (-100, 4096)];

    private readonly List<PlayerProcess> _processes = [];

    public SyncRun(Player player, string folder, string music, double seconds)
    {
        Player = player;
        Directory.CreateDirectory(folder);
        var pipes = s_speakers.Select((s, i) => new Pipe(Path.Combine(folder, $"speaker{i}"), s.Frames)).ToList();
        // The clocks' phases are unlike, as those of devices are.
        Speakers = [.. s_speakers.Select((s, i) => new VirtualSpeaker(Fifo.Create(pipes[i].Path, s.Frames), s.Ppm, seconds, Now + FirstBlockNanoseconds + (i * 1.7e6)))];
        try
        {
            foreach (var speaker in Speakers) speaker.Start();
            player.Start(folder, pipes, music, _processes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static double Now => Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency);

    public Player Player { get; }
    public IReadOnlyList<VirtualSpeaker> Speakers { get; }

    /// <summary>When all speakers sounded; null: not yet.</summary>
    public double? FirstSound => Speakers.All(s => s.FirstSound is not null) ? Speakers.Max(s => s.FirstSound) : null;

    public int Missing => Speakers.Sum(s => s.Missing);

    /// <summary>Processor time of all its processes so far.</summary>
    public double CpuSeconds => _processes.Sum(p => p.CpuSeconds);

    /// <summary>Ours only: nothing is written to the speaker until it has played exactly so many zeros.</summary>
    public void Starve(int frames)
    {
        Speakers[Starved].Starve(frames);
        _processes[0].Tell($"starve {Starved}");
        while (!Speakers[Starved].WantsFood) Thread.Sleep(1);
        _processes[0].Tell($"feed {Starved}");
    }

    public void Freeze() => _processes.ForEach(p => p.Freeze());

    public void Thaw() => _processes.ForEach(p => p.Thaw());

    /// <exception cref="BenchmarkException">A program of it has ended.</exception>
    public void Check()
    {
        foreach (var process in _processes.Where(p => p.HasExited))
            throw new BenchmarkException($"{Player.Title}: {process.Name} ended while it should play. It said:\n{process.Said}");
    }

    public string Said() => string.Concat(_processes.Select(p => $"{p.Name}: {p.Said.Trim()}\n"));

    /// <summary>Ends the processes and the recording; what was recorded stays.</summary>
    public string End()
    {
        if (Player.IsOurs && _processes.Count > 0) _processes[^1].EndInput(TimeSpan.FromSeconds(5));
        var said = _processes.Count > 0 ? _processes[^1].Said.Trim() : "";
        Dispose();
        return said;
    }

    public void Dispose()
    {
        for (var i = _processes.Count - 1; i >= 0; i--) _processes[i].Dispose();
        _processes.Clear();
        foreach (var speaker in Speakers) speaker.Dispose();
    }
}
