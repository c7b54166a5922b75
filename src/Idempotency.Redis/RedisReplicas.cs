using System.Globalization;
using Idempotency.Keys;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>
/// Sends a script and has the server wait until replicas have what it wrote. A server counts what was written on the connection that
/// asks, so both go over the same: its number is asked for before and after, and a connection that was made anew in between counts as
/// no acknowledgement.
/// </summary>
internal sealed class RedisReplicas(RedisCommands commands, int count, TimeSpan timeout)
{
    /// <exception cref="IOException">Too few replicas have it. It may be applied all the same.</exception>
    public async Task<RedisResult> EvaluateAsync(
        RedisLink.Opened opened, RedisScript script, RedisKey[] names, RedisValue[] values, IdempotencyKey key, CancellationToken cancellationToken)
    {
        // One after the other without waiting: the client keeps the order of what it is given on a connection.
        var database = opened.Database;
        var before = database.ExecuteAsync("CLIENT", "ID");
        var answer = commands.EvaluateAsync(opened, script, names, values, key, cancellationToken);
        var acknowledged = database.ExecuteAsync("WAIT", count, (long)timeout.TotalMilliseconds / 2);
        var after = database.ExecuteAsync("CLIENT", "ID");

        var result = await answer.ConfigureAwait(false);
        var (first, replicas, last) = (
            await NumberAsync(before, key, cancellationToken).ConfigureAwait(false),
            await NumberAsync(acknowledged, key, cancellationToken).ConfigureAwait(false),
            await NumberAsync(after, key, cancellationToken).ConfigureAwait(false));
        if (first != last)
        {
            throw new IOException($"The connection to Redis at {opened.Servers} was made anew before replicas could acknowledge a write on it.");
        }

        return replicas >= count
            ? result
            : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{replicas} of the {count} replicas that {nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.MinReplicas)} asks for have acknowledged a write to Redis at {opened.Servers}. See that they are connected and keep up."));
    }

    private async Task<long> NumberAsync(Task<RedisResult> command, IdempotencyKey key, CancellationToken cancellationToken) =>
        (long)await commands.AnswerAsync(command, key, cancellationToken).ConfigureAwait(false);
}
