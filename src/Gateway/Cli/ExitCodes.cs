namespace Gateway.Cli;

/// <summary>What the program's exit code says, for every subcommand.</summary>
internal static class ExitCodes
{
    public const int Fine = 0;
    public const int InternalFault = 1;

    /// <summary>Wrong usage, or a configuration with errors.</summary>
    public const int UsageOrConfiguration = 2;

    /// <summary>The plan cannot work.</summary>
    public const int Infeasible = 3;
    public const int MeasurementRejected = 4;

    /// <summary>Something that the command needs is not there, or not built yet.</summary>
    public const int PartMissing = 5;
}
