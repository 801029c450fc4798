namespace Gateway.Configuration;

/// <summary>Where <c>tutti.yaml</c> is looked for when the command line does not say.</summary>
internal static class ConfigurationPath
{
    public const string Variable = "TUTTI_CONFIG";

    private static readonly string[] s_places = ["/etc/tutti/tutti.yaml", "tutti.yaml"];

    /// <summary>The first that exists of <see cref="Variable"/>, /etc/tutti and the current folder; null: there is none, which is no error.</summary>
    public static string? Default() =>
        s_places.Prepend(Environment.GetEnvironmentVariable(Variable)).FirstOrDefault(File.Exists);
}
