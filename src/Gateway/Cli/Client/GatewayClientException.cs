namespace Gateway.Cli.Client;

/// <summary>The running gateway cannot be asked, or does not answer: why, and the remedy.</summary>
internal sealed class GatewayClientException(string message, int exitCode = ExitCodes.PartMissing) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>Of a connection that there is not: why, without the broker's name and the remedy.</summary>
    public string? NotConnectedBecause { get; init; }
}
