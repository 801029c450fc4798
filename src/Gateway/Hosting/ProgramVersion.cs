using System.Reflection;

namespace Gateway.Hosting;

internal static class ProgramVersion
{
    /// <summary>Such as <c>0.1.0</c>, from the build.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
