namespace Gateway.Benchmarks.Alignment;

/// <summary>One line of the alignment bench. Errors in µs; shares from 0 to 1; <paramref name="Figures"/> are the scenario's own.</summary>
internal sealed record ScenarioResult(
    string Scenario, int Trials, double? MedianUs, double? P95Us, double? Gross, int? GrossAccepted, double? Accepted, bool Pass,
    IReadOnlyList<(string Name, double Value)> Figures);
