namespace Gateway.Alignment.Spread;

/// <summary>The last values of a series, with their percentile and deviation. Nothing is allocated after construction.</summary>
internal sealed class SlidingWindow(int capacity)
{
    private readonly double[] _ring = new double[capacity];
    private readonly double[] _sorted = new double[capacity];
    private int _next;

    public int Count { get; private set; }

    public bool IsFull => Count == capacity;

    public void Clear() => (Count, _next) = (0, 0);

    public void Add(double value)
    {
        if (IsFull)
            Remove(_ring[_next]);

        _ring[_next] = value;
        _next = (_next + 1) % capacity;
        var at = Array.BinarySearch(_sorted, 0, Count, value);
        at = at < 0 ? ~at : at;
        Array.Copy(_sorted, at, _sorted, at + 1, Count - at);
        _sorted[at] = value;
        Count++;
    }

    /// <summary>Nearest rank: the smallest value that at least this share of all values do not exceed.</summary>
    public double Percentile(double share) => _sorted[Math.Max(0, (int)Math.Ceiling(share * Count - 1e-9) - 1)];

    /// <summary>The value added this many steps before the newest; null: it is not there any more.</summary>
    public double? Ago(int steps) => steps < Count ? _ring[(_next - 1 - steps + 2 * capacity) % capacity] : null;

    public double? StandardDeviation()
    {
        if (Count < 2)
            return null;

        var values = _sorted.AsSpan(0, Count);
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in values)
            sum += value;
        foreach (var value in values)
            squares += (value - sum / Count) * (value - sum / Count);
        return Math.Sqrt(squares / (Count - 1));
    }

    private void Remove(double value)
    {
        var at = Array.BinarySearch(_sorted, 0, Count, value);
        Array.Copy(_sorted, at + 1, _sorted, at, Count - at - 1);
        Count--;
    }
}
