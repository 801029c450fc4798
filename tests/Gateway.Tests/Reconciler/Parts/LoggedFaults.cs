using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>A log that keeps the exceptions written to it.</summary>
internal sealed class LoggedFaults : ILogger
{
    private readonly List<Exception> _all = [];

    public IReadOnlyList<Exception> All
    {
        get
        {
            lock (_all) return [.. _all];
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is null) return;
        lock (_all) _all.Add(exception);
    }
}
