namespace Gateway.Files;

/// <summary>What the feature takes from the configuration.</summary>
internal sealed record FilesOptions
{
    /// <summary>The folder below which files may be played; null: there is none.</summary>
    public string? MediaDirectory { get; init; }
}
