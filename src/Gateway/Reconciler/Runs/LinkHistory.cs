using System.Globalization;
using Gateway.Engine;
using Gateway.Storage;

namespace Gateway.Reconciler.Runs;

/// <summary>Each speaker's link life (connects, failed connects, drop-outs), kept over restarts, for its measured stability. Owned by the reconciler's loop.</summary>
internal sealed class LinkHistory(Store store)
{
    private const string Scope = "stability";
    private readonly Dictionary<string, StabilityWindow> _windows = store.All(Scope).ToDictionary(s => s.Key, s => Read(s.Value), StringComparer.Ordinal);

    public void Add(string speakerId, DateTimeOffset at, LinkEventKind kind)
    {
        var window = Of(speakerId).Add(new LinkEvent(at, kind));
        _windows[speakerId] = window;
        store.Keep(Scope, speakerId, string.Join(' ', window.Events.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.At.ToUnixTimeSeconds()}:{(int)e.Kind}"))));
    }

    /// <summary>Forgets everyone else.</summary>
    public void Keep(IReadOnlySet<string> known)
    {
        foreach (var id in _windows.Keys.Where(id => !known.Contains(id)).ToList())
        {
            _windows.Remove(id);
            store.Keep(Scope, id, null);
        }
    }

    public StabilityWindow Of(string speakerId) => _windows.GetValueOrDefault(speakerId) ?? StabilityWindow.Empty;

    /// <summary>Blank-separated <c>unix seconds:kind</c>; what cannot be read is left out.</summary>
    private static StabilityWindow Read(string text) => new([.. text.Split(' ').Select(ReadEvent).OfType<LinkEvent>()]);

    private static LinkEvent? ReadEvent(string text) =>
        text.Split(':') is [var at, var kind] && long.TryParse(at, CultureInfo.InvariantCulture, out var seconds) && int.TryParse(kind, CultureInfo.InvariantCulture, out var number)
        && seconds is > 0 and < 253402300800 && number is >= 0 and <= (int)LinkEventKind.Dropout
            ? new LinkEvent(DateTimeOffset.FromUnixTimeSeconds(seconds), (LinkEventKind)number)
            : null;
}
