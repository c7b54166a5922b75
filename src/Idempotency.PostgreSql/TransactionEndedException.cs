namespace Idempotency.PostgreSql;

/// <summary>The body has ended the transaction that it was given.</summary>
internal sealed class TransactionEndedException(string what, Exception? cause = null) : InvalidOperationException(
    $"The body ended the transaction that it was given: {what} A body neither commits nor rolls back: it returns, or it throws.", cause);
