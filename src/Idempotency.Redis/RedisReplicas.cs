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
    /// <param name="opened">Where to.</param>
    /// <param name="send">Sends the script.</param>
    /// <param name="key">What failures name.</param>
    /// <param name="cancellationToken">Ends the waiting for the answers.</param>
    /// <exception cref="IOException">Too few replicas have it. It may be applied all the same.</exception>
    public async Task<RedisResult> AnswerAsync(RedisLink.Opened opened, Func<Task<RedisResult>> send, IdempotencyKey key, CancellationToken cancellationToken)
    {
        // One after the other without waiting: the client keeps the order of what it is given on a connection. To a server, zero is for ever.
        var longest = Math.Max(1, (long)timeout.TotalMilliseconds / 2);
        var before = AskAsync(opened.Database, "CLIENT", "ID");
        var answer = send();
        var counted = Task.WhenAll(before, AskAsync(opened.Database, "WAIT", count, longest), AskAsync(opened.Database, "CLIENT", "ID"));
        RedisResult result;
        try
        {
            result = await commands.AnswerAsync(answer, key, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Thrown on. Nobody asks any more what was counted.
            RedisCommands.Observe(counted);
            throw;
        }

        var numbers = await commands.AnswerAsync(counted, key, cancellationToken).ConfigureAwait(false);
        var (first, replicas, last) = ((long)numbers[0], (long)numbers[1], (long)numbers[2]);
        if (first != last)
        {
            throw new IOException($"The connection to Redis at {opened.Servers} was made anew before replicas could acknowledge a write on it.");
        }

        return replicas >= count
            ? result
            : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{replicas} of the {count} replicas that {nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.MinReplicas)} asks for have acknowledged a write to Redis at {opened.Servers}. See that they are connected and keep up."));
    }

    private static Task<RedisResult> AskAsync(IDatabase database, string command, params object[] arguments) =>
        database.ExecuteAsync(command, arguments, RedisCommands.Primary);
}
