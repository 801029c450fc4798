namespace Gateway.Bluetooth;

/// <summary>How long to wait before the next try: 1 s, doubling to 30 s, back to the start after a success. A pure object.</summary>
internal sealed class RetryDelay
{
    private const int MaxSeconds = 30;
    private int _next = 1;

    public void Succeeded() => _next = 1;

    public TimeSpan Next()
    {
        var delay = _next;
        _next = Math.Min(MaxSeconds, _next * 2);
        return TimeSpan.FromSeconds(delay);
    }
}
