using Gateway.Timing;

namespace Gateway.Reconciler.Runs;

/// <summary>What is remembered of each speaker, and of each Echo that is played to, by id. Touched by the reconciler's loop only.</summary>
internal sealed class SpeakerRuns(HouseView view, TimeProvider time)
{
    private static readonly TimeSpan s_firstExclusiveRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longestExclusiveRetry = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, SpeakerRun> _runs = new(StringComparer.Ordinal);

    public int Count => _runs.Count;

    public IEnumerable<TimeSpan> Due => _runs.Values.Select(r => r.RetryAt).OfType<TimeSpan>();

    public SpeakerRun Of(string id) => _runs.TryGetValue(id, out var run) ? run : _runs[id] = new SpeakerRun(LinkBackoff.New(time));

    /// <summary>Null: nothing is remembered of it.</summary>
    public SpeakerRun? Known(string id) => _runs.GetValueOrDefault(id);

    /// <summary>
    /// S3: an exclusive speaker that is refused locks its pairing down; it gets few tries, widely spaced. Chosen at use: name and modalias, which tell
    /// the model, may come long after the first sight.
    /// </summary>
    public Backoff BackoffOf(string id)
    {
        var run = Of(id);
        var exclusive = view.CatalogueOf(id)?.Exclusive == true;
        if (exclusive != run.IsExclusive)
        {
            run.IsExclusive = exclusive;
            run.Backoff = exclusive ? LinkBackoff.New(time, s_firstExclusiveRetry, s_longestExclusiveRetry) : LinkBackoff.New(time);
        }

        return run.Backoff;
    }

    public void GiveAnotherTry(string id)
    {
        if (Known(id) is not { } run) return;
        run.RetryAt = null;
        (run.AwaySince, run.PartsMissing) = (null, 0);
        run.Backoff.Reset();
    }

    /// <summary>Those that waited for a part of the system that was missing.</summary>
    public void GiveAnotherTryAfterMissingParts()
    {
        foreach (var (id, _) in _runs.Where(r => r.Value.PartsMissing > 0)) GiveAnotherTry(id);
    }

    /// <summary>Whoever was in reach of a search and left again leaves nothing behind.</summary>
    public void Keep(Func<string, bool> isKnown)
    {
        foreach (var id in _runs.Keys.Where(id => !isKnown(id)).ToList()) _runs.Remove(id);
    }
}
