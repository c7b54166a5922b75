using System.Text;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.DynamoDb;

/// <summary>What fits into an item. DynamoDB counts the names of attributes too.</summary>
internal static class ItemSize
{
    /// <summary>The limit of an item.</summary>
    public const int Most = 400 * 1024;

    /// <summary>The largest result that the guard may be allowed; what is left is for the envelope, the operation's name and the rest of the record.</summary>
    public const int MostResult = 384 * 1024;

    /// <summary>More than all attributes but the operation's name, the fingerprint and the result take: names, numbers, the key, ten tokens.</summary>
    private const int Rest = 1024;

    /// <summary>Refuses, before anything is sent, what DynamoDB would refuse.</summary>
    /// <exception cref="InvalidOperationException">The outcome is too large for an item.</exception>
    public static void Require(IdempotencyKey key, StoredOutcome outcome)
    {
        var most = Most - Rest - Encoding.UTF8.GetByteCount(key.Operation);
        if (outcome.Payload.Length > most)
        {
            throw new InvalidOperationException(
                $"The outcome of {key} has {outcome.Payload.Length} bytes, and an item of DynamoDB has room for {most} of them. Nothing was sent. "
                + $"Set {nameof(IdempotencyOptions)}.{nameof(IdempotencyOptions.MaxResultBytes)} to at most {MostResult}, or return something smaller.");
        }
    }
}
