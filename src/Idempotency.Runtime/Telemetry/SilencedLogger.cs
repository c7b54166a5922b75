using Microsoft.Extensions.Logging;

namespace Idempotency.Telemetry;

/// <summary>A logger whose failures stay its own: what a log provider throws must not decide about an effect.</summary>
internal sealed class SilencedLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false; // a provider may throw anything; there is nowhere left to tell
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // A provider may throw anything; there is nowhere left to tell.
        }
    }
}
