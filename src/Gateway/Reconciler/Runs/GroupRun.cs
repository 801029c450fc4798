using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;
using Gateway.Timing;

namespace Gateway.Reconciler.Runs;

/// <summary>A group at work. Touched by the reconciler's loop only.</summary>
internal sealed class GroupRun(ConfiguredGroup group, Backoff backoff, Backoff sourceBackoff)
{
    public ConfiguredGroup Group { get; } = group;
    public GroupPhase Phase { get; set; }
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

    /// <summary>What playback was told last, to tell it only changes; what it shows counts once it shows this one. Null: nothing.</summary>
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
    public HashSet<(string Do, string Device, string? Peer)> Unseen { get; } = [];

    /// <summary>As much as can be brought about is.</summary>
    public bool IsActive => Phase is GroupPhase.Playing or GroupPhase.Degraded;

    /// <summary>Troubles that were told as an event, and when.</summary>
    public Dictionary<string, TimeSpan> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>By what <see cref="Unseen"/> knows a step again.</summary>
    public static (string Do, string Device, string? Peer) KeyOf(PlanStep step) => (step.Form.Do, step.Device, step.Form.Peer);
}

/// <summary>The configured groups at work. Touched by the reconciler's loop only.</summary>
internal sealed class GroupRuns
{
    private static readonly TimeSpan s_longestSourceRetry = TimeSpan.FromMinutes(2);
    private readonly Dictionary<string, GroupRun> _runs = new(StringComparer.Ordinal);

    public GroupRuns(IReadOnlyList<ConfiguredGroup> groups, TimeProvider time)
    {
        foreach (var group in groups) _runs[group.Id] = new GroupRun(group, LinkBackoff.New(time), LinkBackoff.New(time, longest: s_longestSourceRetry));
    }

    public IReadOnlyCollection<GroupRun> All => _runs.Values;

    public GroupRun this[string id] => _runs[id];
}
