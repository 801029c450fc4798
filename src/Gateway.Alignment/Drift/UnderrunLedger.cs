namespace Gateway.Alignment.Drift;

/// <summary>
/// Keeps a gap from becoming an offset: while frames are missing the output plays silence, and when they come as many are dropped, so
/// that what follows lies on the group line again. One owner.
/// </summary>
public sealed class UnderrunLedger
{
    /// <summary>Frames played as silence whose late originals are still to be dropped.</summary>
    public long DebtFrames { get; private set; }

    /// <summary>Frames of silence ever played in their place.</summary>
    public long SilentFrames { get; private set; }

    /// <summary>The output played silence instead of frames that were due.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public void PlayedSilence(long frames)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        DebtFrames += frames;
        SilentFrames += frames;
    }

    /// <summary>How many of the frames that have come now to throw away; they are booked as dropped.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int TakeDrop(int availableFrames)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(availableFrames);
        var drop = (int)Math.Min(DebtFrames, availableFrames);
        DebtFrames -= drop;
        return drop;
    }

    /// <summary>The output starts afresh on the group line: nothing is owed.</summary>
    public void Clear() => DebtFrames = 0;
}
