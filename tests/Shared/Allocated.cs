namespace Gateway.TestSupport;

/// <summary>What a piece of code allocates on this thread.</summary>
internal static class Allocated
{
    /// <summary>
    /// The least of several rounds, bytes: what is loaded or compiled at a first time, or anew while it runs, allocates once; code that allocates
    /// does it in every round.
    /// </summary>
    public static long Least(Action round, int rounds = 4)
    {
        var least = long.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
