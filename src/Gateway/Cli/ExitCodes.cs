namespace Gateway.Cli;

internal static class ExitCodes
{
    public const int Fine = 0;
    public const int Fault = 1;
    public const int Usage = 2;
    public const int Infeasible = 3;
    public const int Rejected = 4;
    public const int PartMissing = 5;
}
