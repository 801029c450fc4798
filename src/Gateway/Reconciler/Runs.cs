using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;
using Gateway.Timing;

namespace Gateway.Reconciler;

/// <summary>A group at work. Touched by the reconciler's loop only.</summary>
internal sealed class GroupRun(ConfiguredGroup group, Backoff backoff, Backoff sourceBackoff)
{
    public ConfiguredGroup Group { get; } = group;
    public string Phase { get; set; } = "off";
    public Plan? Plan { get; set; }

    /// <summary>The running operation; null: none. Cancelled when a later command overtakes it.</summary>
    public CancellationTokenSource? Operation { get; set; }

    /// <summary>What the running operation does; empty: there is none.</summary>
    public IReadOnlyList<StepTarget> UnderWay { get; set; } = [];

    /// <summary>Accepted commands that end when the group plays, or is off: at most one a property.</summary>
    public Dictionary<string, Command> Pending { get; } = new(StringComparer.Ordinal);

    /// <summary>Links that an accepted command announced it would cut; nothing else is ever cut.</summary>
    public HashSet<PlanDrop> AnnouncedDrops { get; } = [];

    /// <summary>They were announced before a restart, and count until then; null: the command lives.</summary>
    public TimeSpan? AnnouncedUntil { get; set; }

    public Backoff Backoff { get; } = backoff;
    public TimeSpan? RetryAt { get; set; }
    public ProblemDocument? Problem { get; set; }

    /// <summary>Members said to be missing since the group was switched on.</summary>
    public HashSet<string> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>Echos whose link the source used before changes of source: they are let go first.</summary>
    public HashSet<string> FormerSourceEchoes { get; } = new(StringComparer.Ordinal);

    /// <summary>The request that playback has, to send it only changes.</summary>
    public string? PlaybackKey { get; set; }

    /// <summary>The same in whole: what playback shows counts once it shows this one.</summary>
    public PlaybackRequest? Request { get; set; }

    /// <summary>Since when it waits for sound to go out; null: that is decided.</summary>
    public TimeSpan? PrimingSince { get; set; }

    /// <summary>Tries of the source's link: the speakers wait for none of them.</summary>
    public Backoff SourceBackoff { get; } = sourceBackoff;
    public TimeSpan? SourceRetryAt { get; set; }

    /// <summary>The source's link stood when it was last looked at.</summary>
    public bool SourceLinked { get; set; }

    /// <summary>Why there is no link with the source; null: there is one, or none was tried.</summary>
    public string? SourceFailure { get; set; }

    /// <summary>Steps that the other side took, and that nothing shows: they are not repeated, and said.</summary>
    public HashSet<(StepKind Do, string Device, string? Peer)> Unseen { get; } = [];

    /// <summary>Troubles that were told as an event, and when.</summary>
    public Dictionary<string, TimeSpan> Told { get; } = new(StringComparer.Ordinal);
}

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

/// <summary>An Echo's link as last seen. Touched by the reconciler's loop only.</summary>
internal sealed class EchoRun
{
    public bool Known { get; set; }

    /// <summary>The peer's id or name; null: no link.</summary>
    public string? Peer { get; set; }

    /// <summary>When that link was made.</summary>
    public TimeSpan? LinkedAt { get; set; }

    /// <summary>The peer that a running command announced to drop; named in <c>link_replaced</c> once the new link stands.</summary>
    public string? Replacing { get; set; }

    /// <summary>The next disconnect is ours, and so no loss.</summary>
    public bool DisconnectExpected { get; set; }
}

/// <summary>A command to one device that is being carried out.</summary>
internal sealed class DeviceOperation(Command? command, CancellationTokenSource cancel)
{
    public Command? Command { get; } = command;
    public CancellationTokenSource Cancel { get; } = cancel;

    /// <summary>The other side took it, and its effect is looked for; null: it still works.</summary>
    public AwaitedEffect? Awaited { get; set; }
}

/// <summary>What a command shall bring about, looked for in the world: an answer <c>done</c> is no echo of what was sent.</summary>
/// <param name="Seen">True: it is so; false: it is shown to be otherwise; null: nobody reports it.</param>
/// <param name="End">Ends the operation: why it failed (null: it did not), and what is to be said with <c>done</c>.</param>
internal sealed record AwaitedEffect(Func<bool?> Seen, TimeSpan Until, Action<string?, string?> End);
