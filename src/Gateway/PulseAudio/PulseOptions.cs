namespace Gateway.PulseAudio;

/// <summary>Where the sound server is.</summary>
/// <param name="Server">Null: as PULSE_SERVER and the user's settings say.</param>
internal sealed record PulseOptions(string? Server = null);
