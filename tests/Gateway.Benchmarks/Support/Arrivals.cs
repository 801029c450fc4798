using System.Diagnostics;

namespace Gateway.Benchmarks;

/// <summary>Counts the topics that a broker has handed out, and notes when the last new one came.</summary>
internal sealed class Arrivals : IDisposable
{
    private readonly Listener _listener;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _first = [];

    public Arrivals(int port, string filter)
    {
        _listener = Listener.ConnectAsync(port, filter).GetAwaiter().GetResult();
        _listener.Received = (topic, payload, at) =>
        {
            if (payload.Length == 0)
            {
                return;
            }

            lock (_gate)
            {
                _first.TryAdd(topic, at);
            }
        };
    }

    /// <summary>The <see cref="Stopwatch"/> time stamp at which the topic that made the number full came.</summary>
    /// <param name="gaveUp">Why nothing more will come; null: it may.</param>
    public long WaitFor(int topics, TimeSpan limit, Func<string?> gaveUp)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            lock (_gate)
            {
                if (_first.Count >= topics)
                {
                    return _first.Values.Order().ElementAt(topics - 1);
                }
            }

            if (gaveUp() is { } reason)
            {
                throw new BenchmarkException($"the gateway ended by itself after {_first.Count} of {topics} devices:\n{reason}");
            }

            if (since.Elapsed > limit)
            {
                throw new BenchmarkException($"only {_first.Count} of {topics} devices were announced within {limit.TotalSeconds:F0} s.");
            }

            Thread.Sleep(5);
        }
    }

    public void Dispose() => _listener.Dispose();
}
