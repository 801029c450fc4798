namespace Gateway.Native.Pulse;

/// <summary>What stood in the way of a recording.</summary>
public enum PulseFailure
{
    /// <summary>libpulse is not installed.</summary>
    LibraryMissing,

    /// <summary>No sound server listens.</summary>
    NoServer,

    /// <summary>It does not let us in.</summary>
    AccessDenied,

    /// <summary>It is there and does not answer.</summary>
    NoAnswer,

    /// <summary>It has no such source.</summary>
    NoSuchSource,

    /// <summary>The source is there and no sound comes from it.</summary>
    NoSound,

    /// <summary>Anything else; the server's words are in the message.</summary>
    Other,
}

/// <summary>The sound server said no.</summary>
/// <param name="failure">What callers branch on.</param>
/// <param name="message">The library's own words.</param>
/// <param name="sources">What sources the server has, where that was asked.</param>
public sealed class PulseException(PulseFailure failure, string message, IReadOnlyList<string>? sources = null) : Exception(message)
{
    public PulseFailure Failure => failure;

    public IReadOnlyList<string> Sources => sources ?? [];
}
