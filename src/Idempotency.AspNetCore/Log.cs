using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Idempotency.AspNetCore;

/// <summary>What is logged here. Neither keys nor bodies are.</summary>
internal static partial class Log
{
    public static ILogger For(IServiceProvider services) =>
        services.GetService<ILoggerFactory>()?.CreateLogger("Idempotency.AspNetCore") ?? NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Error, "The handler of {Endpoint} failed, and the failure is kept: retries with the same key get the same response.")]
    public static partial void FailureKept(ILogger logger, string endpoint, Exception failure);

    [LoggerMessage(4, LogLevel.Error, "The application's own exception handlers failed in {Endpoint}; its failure is kept as 500 without a body.")]
    public static partial void FailureUnexplained(ILogger logger, string endpoint, Exception failure);

    [LoggerMessage(5, LogLevel.Error, "IdempotencyKeyOptions.Fate of {Endpoint} threw; the handler's outcome is judged as if there were none.")]
    public static partial void FateUnknown(ILogger logger, string endpoint, Exception failure);

    [LoggerMessage(2, LogLevel.Warning, "The store does not answer, and a request of {Endpoint} runs unguarded, as its options say: a retry of it may run twice.")]
    public static partial void RunUnguarded(ILogger logger, string endpoint, Exception failure);

    [LoggerMessage(3, LogLevel.Error, "A request of {Endpoint} was refused, because its body could not be buffered. Look at the disk that holds temporary files.")]
    public static partial void BodyNotBuffered(ILogger logger, string endpoint, Exception failure);
}
