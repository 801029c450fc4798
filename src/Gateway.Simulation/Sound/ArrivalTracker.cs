using Gateway.Alignment.Dsp;

namespace Gateway.Simulation;

/// <summary>
/// Finds when each playing loudspeaker's sound really arrives at the microphone's place by direct path, relative to the others
/// that play the same, whatever the source is: what the loudspeakers gave out is laid on common time by their exact clocks and
/// cross-correlated (docs/measuring.md: |X Y*|^0.7 whitening, 150-18 000 Hz, parabola). No room, no noise. Not
/// thread-safe.
/// </summary>
internal sealed class ArrivalTracker(World world, Acoustics acoustics)
{
    private const int SampleRate = DeviceClock.SampleRate;
    private const int Segment = 1 << 15; // 0.68 s
    private const int Chunk = 2048;

    // Peak over the correlation's own sd: chance reaches 5 among so many lags, the same music hundreds.
    private const double SurePeak = 12;

    /// <summary>About -110 dBFS.</summary>
    private const double SilenceMeanSquare = 1e-11;

    private Window? _near;
    private Window? _far;
    private Dictionary<string, double> _last = [];
    private IReadOnlyList<SimulatedOutput> _measured = [];
    private long _measuredAt = -1;

    /// <summary>
    /// Arrival in ms by device id; larger = later. Zero is the median of those that play the same, so that one's fault does not
    /// move the others. Left out: what is silent, or plays something that no other does.
    /// </summary>
    public IReadOnlyDictionary<string, double> Measure()
    {
        var now = world.Nanoseconds;
        var outputs = world.Playing;
        if (now == _measuredAt && outputs == _measured) return _last;
        (_measuredAt, _measured) = (now, outputs);
        return _last = Measure(outputs);
    }

    private Dictionary<string, double> Measure(IReadOnlyList<SimulatedOutput> outputs)
    {
        if (outputs.Count == 0) return [];
        _near ??= new Window(1 << 16); // finds +-0.34 s
        var arrivals = Measure(outputs, _near, out var strangers);
        if (!strangers) return arrivals;
        _far ??= new Window(1 << 17); // finds +-1.02 s
        return Measure(outputs, _far, out _);
    }

    private Dictionary<string, double> Measure(IReadOnlyList<SimulatedOutput> outputs, Window window, out bool strangers)
    {
        var arrivals = new Dictionary<string, double>(StringComparer.Ordinal);
        var left = new List<Heard>();
        var start = world.Nanoseconds - (window.Size * 1e9 / SampleRate);
        foreach (var output in outputs)
        {
            Listen(output, start, window.Signal);
            if (window.TryTransform(left.Count, output.Sink.Id) is { } heard) left.Add(heard);
        }

        strangers = false;
        var alone = left.Count == 1;
        while (left.Count > 0)
        {
            var lags = Alike(left, window);
            if (lags.Count > 1 || alone) Add(lags, arrivals);
            else strangers = true;
            left.RemoveAll(h => lags.ContainsKey(h.Id));
        }

        return arrivals;
    }

    private void Listen(SimulatedOutput output, double start, float[] into)
    {
        const double perSample = 1e9 / SampleRate;
        var air = acoustics.Of(output.Sink).DirectSeconds * 1e9;
        for (var i = 0; i < into.Length; i += Chunk) output.ReadPlayed(start + (i * perSample), perSample, air, into.AsSpan(i, Chunk));
    }

    /// <summary>The lags of all that play the same as the first, in samples behind it.</summary>
    private static Dictionary<string, double> Alike(List<Heard> heard, Window window)
    {
        var lags = new Dictionary<string, double>(StringComparer.Ordinal) { [heard[0].Id] = 0 };
        foreach (var other in heard.Skip(1))
        {
            if (window.Lag(heard[0], other) is { } lag) lags[other.Id] = lag;
        }

        return lags;
    }

    private static void Add(Dictionary<string, double> lags, Dictionary<string, double> arrivals)
    {
        var sorted = lags.Values.Order().ToList();
        var median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        foreach (var (id, lag) in lags) arrivals[id] = (lag - median) * 1000 / SampleRate;
    }

    /// <summary>What one loudspeaker gave out: the spectrum of the whole window, and of the segment in its middle.</summary>
    private sealed record Heard(string Id, float[] Re, float[] Im, float[] SegmentRe, float[] SegmentIm);

    private sealed class Window(int size)
    {
        private readonly RealFft _fft = new(size);
        private readonly float[] _re = new float[(size / 2) + 1];
        private readonly float[] _im = new float[(size / 2) + 1];
        private readonly List<Heard> _heard = [];
        private readonly float[] _correlation = new float[size];

        public int Size => size;
        public float[] Signal { get; } = new float[size];
        private int Bins => _fft.Bins;
        private int Reach => (size - Segment) / 2;

        /// <summary>Takes <see cref="Signal"/> as the n-th loudspeaker's, into memory that is used again each time; null: it is silent.</summary>
        public Heard? TryTransform(int n, string id)
        {
            double sum = 0;
            foreach (var x in Signal) sum += x * x;
            if (sum / size < SilenceMeanSquare) return null;
            if (n == _heard.Count) _heard.Add(new Heard(id, new float[Bins], new float[Bins], new float[Bins], new float[Bins]));
            var heard = _heard[n] = _heard[n] with { Id = id };
            _fft.Forward(Signal, heard.Re, heard.Im);
            Signal.AsSpan(0, Reach).Clear();
            Signal.AsSpan(Reach + Segment).Clear();
            _fft.Forward(Signal, heard.SegmentRe, heard.SegmentIm);
            return heard;
        }

        /// <summary>How many samples <paramref name="other"/> is behind <paramref name="first"/>; null: it plays something else.</summary>
        public double? Lag(Heard first, Heard other)
        {
            Whiten(first, other);
            _fft.Inverse(_re, _im, _correlation);
            double sum = 0;
            var best = 0;
            for (var lag = -Reach + 1; lag < Reach; lag++)
            {
                var c = At(lag);
                sum += Math.Abs(c);
                if (c > At(best)) best = lag;
            }

            var sd = 1.2533 * sum / (2 * Reach); // of normal noise: sqrt(pi / 2) times the mean of the absolute
            if (!(At(best) > SurePeak * sd)) return null; // silence in the middle: all zero
            double before = At(best - 1), peak = At(best), after = At(best + 1);
            return best + (0.5 * (before - after) / (before - (2 * peak) + after));
        }

        private float At(int lag) => _correlation[(lag + size) % size];

        private void Whiten(Heard first, Heard other)
        {
            var low = 150 * size / SampleRate;
            var high = 18_000L * size / SampleRate;
            for (var k = 0; k < _re.Length; k++)
            {
                var re = (other.Re[k] * first.SegmentRe[k]) + (other.Im[k] * first.SegmentIm[k]);
                var im = (other.Im[k] * first.SegmentRe[k]) - (other.Re[k] * first.SegmentIm[k]);
                var power = (re * re) + (im * im);
                var weight = k >= low && k <= high && power > 1e-30f ? MathF.Pow(power, -0.35f) : 0; // |C|^-0.7
                (_re[k], _im[k]) = (weight * re, weight * im);
            }
        }
    }
}
