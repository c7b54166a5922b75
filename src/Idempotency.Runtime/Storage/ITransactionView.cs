namespace Idempotency.Storage;

/// <summary>What one body is given to work with in its transaction. Disposed before the transaction ends.</summary>
public interface ITransactionView : IAsyncDisposable
{
    /// <summary>What the body is given, of the type the adapter makes.</summary>
    object Value { get; }

    /// <summary>
    /// Writes what the body has left unwritten, before the outcome is stored: an outcome that says "done" must not be committed
    /// without its effect. What it throws is taken for the body's own failure.
    /// </summary>
    ValueTask SaveAsync(CancellationToken cancellationToken);
}
