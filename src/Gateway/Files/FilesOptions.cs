namespace Gateway.Files;

/// <summary>What the feature takes from the configuration.</summary>
/// <param name="MediaDirectory">The folder below which files may be played; null: there is none.</param>
internal sealed record FilesOptions(string? MediaDirectory);
