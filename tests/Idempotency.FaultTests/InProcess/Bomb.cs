using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Idempotency.FaultTests.InProcess;

/// <summary>Whose code throws.</summary>
public enum Thrower
{
    /// <summary>The store, instead of doing what it is asked.</summary>
    StoreRefusing,

    /// <summary>The store, after it has done what it was asked.</summary>
    StoreAnswering,

    /// <summary>The properties of the result, while it is written or read.</summary>
    Serializer,

    /// <summary>The log.</summary>
    Log,

    /// <summary>The body, before its effect.</summary>
    Body,

    /// <summary>What saves and restores a failure.</summary>
    FailureCodec,
}

/// <summary>Throws at the n-th time that a kind of foreign code is run.</summary>
internal sealed class Bomb(Thrower thrower, int number, Func<string, Exception> make)
{
    /// <summary>What is in every message, so that nobody else's failure is taken for one.</summary>
    public const string Mark = "planted by a test";

    private int _passed;

    public bool HasGoneOff => Volatile.Read(ref _passed) >= number;

    public Exception Make() => make($"{thrower} {number}, {Mark}.");

    /// <summary>Foreign code of a kind is run now.</summary>
    public void Pass(Thrower by)
    {
        if (IsNow(by))
        {
            throw Make();
        }
    }

    public bool IsNow(Thrower by) => by == thrower && Interlocked.Increment(ref _passed) == number;
}

/// <summary>What the body returns.</summary>
internal sealed record Receipt
{
    public int Number { get; set; }
}

internal sealed class DeclinedException(string message) : Exception(message);

/// <summary>Contracts whose properties are foreign code.</summary>
internal sealed class BombedContracts : DefaultJsonTypeInfoResolver
{
    public BombedContracts(Bomb bomb) => Modifiers.Add(type =>
    {
        foreach (var property in type.Properties)
        {
            var (get, set) = (property.Get!, property.Set!);
            property.Get = value =>
            {
                bomb.Pass(Thrower.Serializer);
                return get(value);
            };
            property.Set = (value, part) =>
            {
                bomb.Pass(Thrower.Serializer);
                set(value, part);
            };
        }
    });
}

/// <summary>A log that is foreign code.</summary>
internal sealed class BombedLog(Bomb bomb) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        bomb.Pass(Thrower.Log);
        return true;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        bomb.Pass(Thrower.Log);

    public void Dispose()
    {
    }
}
