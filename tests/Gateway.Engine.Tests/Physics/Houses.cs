namespace Gateway.Engine.Tests.Physics;

internal static class Houses
{
    /// <summary>Random houses a property looks at; <c>TUTTI_HOUSES</c> asks for more in a long run.</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("TUTTI_HOUSES"), out var count) ? count : 2500;
}
