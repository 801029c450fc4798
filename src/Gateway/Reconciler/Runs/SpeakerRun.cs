using Gateway.House;
using Gateway.Timing;

namespace Gateway.Reconciler.Runs;

/// <summary>A speaker's tries and troubles. Touched by the reconciler's loop only.</summary>
internal sealed class SpeakerRun(Backoff backoff)
{
    public Backoff Backoff { get; set; } = backoff;

    /// <summary><see cref="Backoff"/> is one for an exclusive speaker (S3).</summary>
    public bool IsExclusive { get; set; }

    /// <summary>No try of our own before this instant.</summary>
    public TimeSpan? RetryAt { get; set; }
    public bool Connecting { get; set; }

    /// <summary>The next disconnect is ours, and so no loss.</summary>
    public bool DisconnectExpected { get; set; }
    public ErrorDocument? LastError { get; set; }
    public int Dropouts { get; set; }
    public TimeSpan? LostAt { get; set; }
    public double? ReconnectS { get; set; }
    public bool WasConnected { get; set; }

    /// <summary>The adapter of the present or last link.</summary>
    public string? Adapter { get; set; }

    /// <summary>A phone or computer holds it (by its last refusal), or an Echo (by the Echo's own word).</summary>
    public bool HeldElsewhere { get; set; }

    /// <summary>The port's word that another device holds it is from before it was switched off, and says nothing any more.</summary>
    public bool RefusalForgotten { get; set; }

    /// <summary>Since when no try has worked; null: the last one did.</summary>
    public TimeSpan? AwaySince { get; set; }

    /// <summary>Tries in a row during which the Bluetooth service went, or had no audio to offer.</summary>
    public int PartsMissing { get; set; }

    /// <summary>When the present or last link was made.</summary>
    public TimeSpan? LinkedAt { get; set; }

    /// <summary>The stored volume has been applied to the present link.</summary>
    public bool VolumeApplied { get; set; }
}
