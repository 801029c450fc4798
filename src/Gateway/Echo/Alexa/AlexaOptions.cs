namespace Gateway.Echo.Alexa;

/// <summary>The way to an account's Echos by the Alexa web API.</summary>
/// <param name="RefreshToken">The user's own, pasted.</param>
/// <param name="Site">Such as <c>amazon.de</c>; null: the account is asked.</param>
/// <param name="DataDirectory">Where the session is kept.</param>
internal sealed record AlexaOptions(string RefreshToken, string? Site, string DataDirectory)
{
    /// <summary>Every request goes there instead of to Amazon: a simulated cloud. Null: to Amazon.</summary>
    public Uri? Url { get; init; }

    /// <summary>The authority of <see cref="Url"/>'s certificate (PEM); null: the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Records print their members; this one must not print its secret.</summary>
    public override string ToString() => $"AlexaOptions {{ {Site} }}";
}
