namespace Gateway.Files;

/// <summary>A file that cannot be used: what is the matter, and what to do.</summary>
internal sealed class UnreadableException(string what, string remedy) : Exception($"{what} {remedy}")
{
    public string What { get; } = what;
    public string Remedy { get; } = remedy;
}
