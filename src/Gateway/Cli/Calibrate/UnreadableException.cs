namespace Gateway.Cli.Calibrate;

/// <summary>A file that cannot be used: what is the matter, and what to do.</summary>
internal sealed class UnreadableException(string message, string remedy) : Exception($"{message} {remedy}");
