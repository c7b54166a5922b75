using Idempotency.Keys;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>What the servers say about how they are set up, as far as it decides what can be promised.</summary>
/// <param name="EvictionPolicy">The policy of one that evicts keys; <see langword="null"/> when none does, or none says.</param>
/// <param name="IsCluster">Whether they are a cluster; <see langword="null"/> when none says.</param>
internal sealed record RedisFacts(string? EvictionPolicy, bool? IsCluster)
{
    public static readonly RedisFacts Unknown = new(EvictionPolicy: null, IsCluster: null);

    /// <summary>Asks the server that has the first tag, and on a cluster those of all tags. A script may ask what the client takes for an administrator's command.</summary>
    public static async Task<RedisFacts> AskAsync(IDatabase database, RedisNames names)
    {
        var facts = await AskAsync(database, names.MarkOf(0)).ConfigureAwait(false);
        if (facts.IsCluster == true)
        {
            var others = await Task.WhenAll(Enumerable.Range(1, RedisNames.Tags - 1).Select(tag => AskAsync(database, names.MarkOf(tag)))).ConfigureAwait(false);
            facts = others.FirstOrDefault(static other => other.EvictionPolicy is not null) ?? facts;
        }

        return facts;
    }

    /// <summary>A server that drops records by itself, or cannot be asked to wait for its replicas, must not be trusted with what needs them.</summary>
    /// <exception cref="StoreRefusedException">This one must not.</exception>
    public void Require(string servers, IdempotencyKey key, OnCrash onCrash, bool waitsForReplicas)
    {
        if (onCrash == OnCrash.Hold && EvictionPolicy is not null)
        {
            throw new StoreRefusedException(key.Operation, key.Text, $"Redis at {servers} evicts keys when its memory is full (maxmemory-policy {EvictionPolicy}), and an operation with {nameof(OnCrash)}.{nameof(OnCrash.Hold)} must never be forgotten. Set maxmemory-policy to noeviction.");
        }

        if (waitsForReplicas && IsCluster is null)
        {
            throw new StoreRefusedException(key.Operation, key.Text, $"{nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.MinReplicas)} is set, and Redis at {servers} does not say whether it is a cluster, where replicas cannot be waited for. Grant the store's user the INFO command.");
        }

        if (waitsForReplicas && IsCluster == true)
        {
            throw new StoreRefusedException(key.Operation, key.Text, $"{nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.MinReplicas)} is set, and Redis at {servers} is a cluster, where the client cannot ask the server that has a key to wait for its replicas. Set it to 0, or use a primary with replicas.");
        }
    }

    private static async Task<RedisFacts> AskAsync(IDatabase database, RedisKey key)
    {
        // Not the hash alone: this is asked once a connection, when the server may never have seen the script.
        var said = (string[]?)await database.ScriptEvaluateAsync(RedisScripts.Default.Facts.Text, [key], null, RedisCommands.Primary | CommandFlags.NoScriptCache).ConfigureAwait(false);
        return said is [var policy, var cluster] ? new RedisFacts(policy is "" or "noeviction" ? null : policy, cluster == "1") : Unknown;
    }
}
