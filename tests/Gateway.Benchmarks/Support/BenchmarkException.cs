namespace Gateway.Benchmarks;

/// <summary>A benchmark that could not be measured, with the reason: something missing, or a program that did not answer.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
