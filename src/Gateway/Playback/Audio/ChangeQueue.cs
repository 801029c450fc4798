namespace Gateway.Playback.Audio;

/// <summary>
/// Changes on their way from any thread to an audio thread, in their order. Whoever posts one waits for nobody, and neither does the audio thread: it takes all that
/// are there by one exchange. (A <c>ConcurrentQueue</c> takes a lock whenever one of its segments ends.)
/// </summary>
internal sealed class ChangeQueue
{
    private Change? _latest; // each leads to the one before it

    /// <summary>Any thread.</summary>
    public Change Post(Action work)
    {
        var change = new Change(work);
        Change? before;
        // Once it is exchanged in, it is the audio thread's, its link too: what is compared is our own.
        do change.Next = before = Volatile.Read(ref _latest);
        while (Interlocked.CompareExchange(ref _latest, change, before) != before);
        return change;
    }

    /// <summary>Audio thread: all that were posted since, the oldest first; null: none were.</summary>
    public Change? Take()
    {
        if (Volatile.Read(ref _latest) is null) return null;
        var (rest, oldest) = (Interlocked.Exchange(ref _latest, null), (Change?)null);
        while (rest is not null) (rest.Next, oldest, rest) = (oldest, rest, rest.Next);
        return oldest;
    }

    internal sealed class Change(Action work)
    {
        private volatile bool _made;

        public Action Work => work;

        /// <summary>The next that was taken.</summary>
        public Change? Next { get; set; }

        /// <summary>It was made, or was a fault. Whoever waits for it looks: to be woken would be a lock that both take.</summary>
        public bool IsMade => _made;

        public void SetMade() => _made = true;
    }
}
