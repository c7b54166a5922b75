using Microsoft.Extensions.Logging;

namespace Idempotency.Redis;

internal static partial class RedisLogs
{
    [LoggerMessage(1, LogLevel.Warning, "Redis at {Servers} evicts keys when its memory is full (maxmemory-policy {Policy}). An outcome that is evicted is forgotten, and its operation runs again. Set maxmemory-policy to noeviction.")]
    public static partial void Evicts(this ILogger logger, string servers, string policy);

    [LoggerMessage(2, LogLevel.Warning, "Redis at {Servers} does not say how it is set up, so that it is not known whether it evicts keys. Grant the store's user the INFO command, and set maxmemory-policy to noeviction.")]
    public static partial void SaysNothing(this ILogger logger, string servers, Exception failure);

    [LoggerMessage(3, LogLevel.Warning, "Redis at {Servers} lets nobody listen to {Channel}. Waiting calls look for themselves every {Interval}.")]
    public static partial void DoesNotTell(this ILogger logger, string servers, string channel, TimeSpan interval, Exception failure);
}
