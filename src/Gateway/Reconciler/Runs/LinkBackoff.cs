using Gateway.Timing;

namespace Gateway.Reconciler.Runs;

/// <summary>The pauses between tries of a link.</summary>
internal static class LinkBackoff
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    /// <summary>A link that lasts less than 10 s counts as another failure: a speaker that flaps is not chased.</summary>
    public static Backoff New(TimeProvider time, TimeSpan? first = null, TimeSpan? longest = null) => new(first ?? s_first, longest ?? s_longest, TimeSpan.FromSeconds(10), time);
}
