namespace Gateway.IntegrationTests;

/// <summary>Tests that play sound in real time: they run by themselves, not beside compilers.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealTime
{
    public const string Name = "real time";
}
