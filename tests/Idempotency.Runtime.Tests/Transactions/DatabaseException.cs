using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Transactions;

internal sealed class DatabaseException(string message, TransactionFate fate) : Exception(message)
{
    public TransactionFate Fate => fate;
}
