using Idempotency.Keys;

namespace Idempotency.PostgreSql;

/// <summary>The server, the way to it or the table is not set up for the store: trying again changes nothing until somebody has acted.</summary>
internal sealed class SetupException(string message, Exception? cause = null) : InvalidOperationException(message, cause)
{
    /// <summary>As it is said of a key that was to be claimed. Nothing was, and nobody need wait for what will not mend itself.</summary>
    public StoreRefusedException Of(IdempotencyKey key) => new(key.Operation, key.Text, Message, this);
}
