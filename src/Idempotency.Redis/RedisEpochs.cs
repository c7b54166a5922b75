using System.Security.Cryptography;
using Idempotency.Keys;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>
/// A random mark beside the records of every hash tag, so that each can be checked in one step with a claim, on a cluster too. A
/// mark that is gone, or not the one this process has seen, went with the records it stood for.
/// </summary>
internal sealed class RedisEpochs(RedisNames names, RedisCommands commands)
{
    /// <summary>What commands about all records name in failures.</summary>
    private static readonly IdempotencyKey s_all = IdempotencyKey.FromText("idempotency", new string('0', 64));

    private readonly byte[]?[] _known = new byte[]?[RedisNames.Tags];

    public static StoreRefusedException Lost(IdempotencyKey key) => new(
        key.Operation,
        key.Text,
        $"Redis has lost data: the mark beside the key's records is gone or another, as after FLUSHALL, a restart without persistence, or the promotion of an empty replica. Find out which operations had run, call {nameof(RedisStore)}.{nameof(RedisStore.AcceptDataAsync)}, and start this process again. A store that is new is told so with the same call.");

    /// <summary>The mark of a key's tag, as this process saw it first.</summary>
    public async ValueTask<RedisValue> KnownAsync(RedisLink.Opened opened, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var tag = RedisNames.TagOf(key);
        if (Volatile.Read(ref _known[tag]) is not { } known)
        {
            var found = (byte[]?)await commands.GetAsync(opened, names.MarkOf(tag), key, cancellationToken).ConfigureAwait(false) ?? throw Lost(key);
            known = Interlocked.CompareExchange(ref _known[tag], found, null) ?? found;
        }

        return known;
    }

    /// <summary>Sets every mark that is missing.</summary>
    public async Task AcceptAsync(CancellationToken cancellationToken)
    {
        var opened = await commands.OpenAsync(s_all, cancellationToken).ConfigureAwait(false);
        var epoch = RandomNumberGenerator.GetBytes(16);
        await commands.AnswerAsync(
            Task.WhenAll(Enumerable.Range(0, RedisNames.Tags).Select(tag => opened.Database.StringSetAsync(names.MarkOf(tag), epoch, null, When.NotExists, RedisCommands.Primary))),
            s_all,
            cancellationToken).ConfigureAwait(false);
    }
}
