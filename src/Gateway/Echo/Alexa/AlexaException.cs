namespace Gateway.Echo.Alexa;

/// <summary>In what way the cloud said no.</summary>
internal enum AlexaTrouble
{
    /// <summary>It does not answer.</summary>
    Unreachable,

    /// <summary>It answers, and with an error of its own or with nothing that can be read.</summary>
    Unreadable,

    /// <summary>This one path is not for this account.</summary>
    NotForThisAccount,

    /// <summary>Too many requests: nothing is asked for a while.</summary>
    Throttled,

    /// <summary>The refresh token is refused: only the user can help.</summary>
    SignedOut,
}

/// <summary>The cloud said no. The message is for people, and never holds what it sent or a token.</summary>
/// <param name="status">The answer's; 0: there was none.</param>
internal sealed class AlexaException(AlexaTrouble trouble, string message, string? remedy = null, int status = 0, Exception? inner = null) : Exception(message, inner)
{
    public AlexaTrouble Trouble { get; } = trouble;
    public string? Remedy { get; } = remedy;
    public int Status { get; } = status;

    /// <summary>So long it is not asked that again.</summary>
    public TimeSpan Quiet { get; init; }

    /// <summary>Both, as sentences.</summary>
    public string Text => Remedy is null ? Message : $"{Message} {Remedy}";
}
