namespace Gateway.Playback.Tracking;

/// <summary>What the host saw of each speaker over the last windows, for the mean over one of them. Written by the engine's loop, read by the analysis.</summary>
internal sealed class HostOffsets(int speakers)
{
    /// <summary>50 s in tenths.</summary>
    private const int Kept = 500;
    private readonly Lock _gate = new();
    private readonly Queue<(double Position, double HostMs)>[] _offsets = [.. Enumerable.Range(0, speakers).Select(_ => new Queue<(double, double)>())];
    private readonly double[] _biasMs = new double[speakers];

    public void Add(int speaker, double position, double hostMs, double biasMs)
    {
        lock (_gate)
        {
            _biasMs[speaker] = biasMs;
            if (!double.IsFinite(hostMs)) return;
            var offsets = _offsets[speaker];
            offsets.Enqueue((position, hostMs));
            if (offsets.Count > Kept) offsets.Dequeue();
        }
    }

    /// <summary>The mean between two positions of the line, and the bias that is accounted for now.</summary>
    public (double HostMs, double BiasMs) Mean(int speaker, long from, long to)
    {
        lock (_gate)
        {
            var (sum, count) = (0.0, 0);
            foreach (var (position, hostMs) in _offsets[speaker])
            {
                if (position < from || position >= to) continue;
                sum += hostMs;
                count++;
            }

            return (count == 0 ? 0 : sum / count, _biasMs[speaker]);
        }
    }
}
