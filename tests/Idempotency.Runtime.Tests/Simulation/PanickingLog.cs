using Microsoft.Extensions.Logging;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>A log that throws now and then, as one does whose disk is full.</summary>
internal sealed class PanickingLog(World world) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug || world.Random.Chance(0.5);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (world.Random.Chance(0.3))
        {
            world.Trace.Add($"the log panics over: {formatter(state, exception)}");
            throw new UnauthorizedAccessException("The log cannot be written.");
        }
    }

    public void Dispose()
    {
    }
}
