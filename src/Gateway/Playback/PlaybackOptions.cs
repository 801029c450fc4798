namespace Gateway.Playback;

/// <summary>What the feature takes from the configuration.</summary>
internal sealed record PlaybackOptions
{
    /// <summary>Who carries the sound, <c>own</c> or <c>pulse</c>: learned latencies are kept for each.</summary>
    public string Backend { get; init; } = "own";

    /// <summary>Null: nobody consented to one.</summary>
    public string? Microphone { get; init; }

    /// <summary>The microphone also listens while music plays: a consent of its own.</summary>
    public bool Tracking { get; init; }

    /// <summary>The folder below which files may be played; null: there is none.</summary>
    public string? MediaDirectory { get; init; }
}
