using Gateway.Playback.Audio;

namespace Gateway.Tests.Playback;

/// <summary>
/// Lanes on a timeline that holds a ramp: each played sample tells exactly which position it is. Time moves in steps as the audio
/// thread would wake.
/// </summary>
internal sealed class LaneStage
{
    private const double PerFrame = 1e-5;
    private const long Step = 5_000_000;
    private readonly Timeline _timeline = new();
    private readonly List<(ExactOutput Output, OutputLane Lane)> _lanes = [];
    private readonly float[] _block = new float[2 * 48_000];
    private long _now = 1_000_000_000;

    public LaneStage() => Line = new GroupLine(_now);

    public GroupLine Line { get; }

    /// <param name="before">What somebody else did with the output before.</param>
    public (ExactOutput Output, OutputLane Lane) Add(int capacity, double ppm, double delayMs = 0, Action<ExactOutput, SpeakerOutput>? before = null, int sampleRate = 48_000)
    {
        var output = new ExactOutput(capacity, ppm, sampleRate) { Now = _now };
        var held = new SpeakerOutput(output);
        before?.Invoke(output, held);
        var lane = (output, new OutputLane(held, _timeline, Line, delayMs, muted: false));
        _lanes.Add(lane);
        return lane;
    }

    public void Run(double seconds)
    {
        var end = _now + (long)(seconds * 1e9);
        while (_now < end) Advance(Step);
    }

    /// <summary>The process stands still, the devices do not.</summary>
    public void Stall(double seconds) => Advance((long)(seconds * 1e9));

    /// <summary>How late, in ms, what an output played is over its last <paramref name="seconds"/>; frames of cross-fades and gaps left out.</summary>
    public List<double> OffsetsMs(ExactOutput output, double seconds)
    {
        var offsets = new List<double>();
        for (var i = Math.Max(0, output.Played.Count - (int)(seconds * output.SampleRate)); i < output.Played.Count; i++)
        {
            var position = output.Played[i] / PerFrame;
            if (double.IsNaN(position)) continue;
            offsets.Add((Line.PositionAt(output.NanosecondsOf(i)) - position) / 48);
        }

        return offsets;
    }

    private void Advance(long nanoseconds)
    {
        _now += nanoseconds;
        Fill(Line.WrittenBy(_now));
        foreach (var (output, lane) in _lanes)
        {
            output.Now = _now;
            lane.Run(TimeSpan.FromTicks((_now - Line.StartNanoseconds) / 100));
        }
    }

    private void Fill(long until)
    {
        while (_timeline.End < until)
        {
            var frames = (int)Math.Min(_block.Length / 2, until - _timeline.End);
            for (var i = 0; i < frames; i++) _block[2 * i] = _block[(2 * i) + 1] = (float)((_timeline.End + i) * PerFrame);
            _timeline.Write(_block.AsSpan(0, 2 * frames));
        }
    }
}
