namespace Gateway.PulseAudio;

/// <summary>Where the sound server is, and what of it is configured.</summary>
/// <param name="Server">Null: as PULSE_SERVER and the user's settings say.</param>
internal sealed record PulseOptions(string? Server = null)
{
    /// <summary>Speakers that are outputs of the server: the output's name by the speaker's id.</summary>
    public IReadOnlyDictionary<string, string> Sinks { get; init; } = new Dictionary<string, string>();

    /// <summary>A group's or routine's source is one of the server's (line-in).</summary>
    public bool HasLineIn { get; init; }
}
