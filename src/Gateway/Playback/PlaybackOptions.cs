namespace Gateway.Playback;

/// <summary>What the feature takes from the configuration.</summary>
internal sealed record PlaybackOptions
{
    /// <summary>Null: nobody consented to one.</summary>
    public string? Microphone { get; init; }

    /// <summary>The microphone also listens while music plays: a consent of its own.</summary>
    public bool Tracking { get; init; }
}
