using Gateway.Timing;

namespace Gateway.Echo.Alexa;

/// <summary>Which parts of the web API this account does not get: each is left alone for a while, and the others go on. Belongs to one loop.</summary>
internal sealed class EndpointHealth(TimeProvider time)
{
    private readonly Dictionary<string, (string Why, TimeSpan NextAt)> _ill = new(StringComparer.Ordinal);

    public bool IsDue(string name) => !_ill.TryGetValue(name, out var ill) || time.Now() >= ill.NextAt;

    /// <returns>That it works again is news.</returns>
    public bool Worked(string name) => _ill.Remove(name);

    /// <param name="pause">So long it is left alone.</param>
    /// <returns>That is news.</returns>
    public bool Failed(string name, string why, TimeSpan pause)
    {
        var isNews = !_ill.TryGetValue(name, out var before) || before.Why != why;
        _ill[name] = (why, time.Now() + pause);
        return isNews;
    }
}
