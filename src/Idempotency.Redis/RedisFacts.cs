using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>What the servers say about how they are set up, as far as it decides what can be promised.</summary>
/// <param name="EvictionPolicy">The policy of one that evicts keys; <see langword="null"/> when none does, or none says.</param>
/// <param name="IsCluster">Whether they are a cluster.</param>
internal sealed record RedisFacts(string? EvictionPolicy, bool IsCluster)
{
    public static readonly RedisFacts Unknown = new(EvictionPolicy: null, IsCluster: false);

    /// <summary>Asks the server that has the first tag, and on a cluster those of all tags. A script may ask what the client takes for an administrator's command.</summary>
    public static async Task<RedisFacts> AskAsync(IDatabase database, RedisNames names)
    {
        var facts = await AskAsync(database, names.MarkOf(0)).ConfigureAwait(false);
        if (facts.IsCluster)
        {
            var others = await Task.WhenAll(Enumerable.Range(1, RedisNames.Tags - 1).Select(tag => AskAsync(database, names.MarkOf(tag)))).ConfigureAwait(false);
            facts = others.FirstOrDefault(static other => other.EvictionPolicy is not null) ?? facts;
        }

        return facts;
    }

    private static async Task<RedisFacts> AskAsync(IDatabase database, RedisKey key)
    {
        // Not the hash alone: this is asked once a connection, when the server may never have seen the script.
        var said = (string[]?)await database.ScriptEvaluateAsync(RedisScripts.Default.Facts.Text, [key], null, CommandFlags.NoScriptCache).ConfigureAwait(false);
        return said is [var policy, var cluster] ? new RedisFacts(policy is "" or "noeviction" ? null : policy, cluster == "1") : Unknown;
    }
}
