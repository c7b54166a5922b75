using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Idempotency.Transactions.Tests;

/// <summary>Counts what was logged, by the event.</summary>
internal sealed class EventCounter(ConcurrentDictionary<string, int> counts) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        counts.AddOrUpdate($"{eventId.Name}", 1, static (_, n) => n + 1);

    public void Dispose()
    {
    }
}
