using System.Data.Common;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>Finds what operations want that run in a transaction: a store that has them, and what the body is given of one.</summary>
internal sealed class TransactionSubjects(IReadOnlyList<ITransactionAdapter> adapters)
{
    /// <exception cref="InvalidOperationException">The store cannot do it, or nothing makes what the body wants.</exception>
    public ITransactionalStore RequireStore<TResult>(IdempotentOperation<TResult> operation, IIdempotencyStore store)
    {
        var wanted = operation.Transaction!;
        if (store is not ITransactionalStore transactional)
        {
            throw new InvalidOperationException(
                $"The body of operation '{operation.Name}' wants a '{wanted}', and its store, '{store.GetType()}', has no transactions to share. Use a store that " +
                "is in the body's database, such as UsePostgreSql, choose one with Store = \"…\", or take the parameter off the body.");
        }

        if (!IsTransaction(wanted) && AdapterOf(wanted) is null)
        {
            throw new InvalidOperationException(
                $"The body of operation '{operation.Name}' wants a '{wanted}', and nothing is registered that makes one in a transaction. For a DbContext add " +
                $"UseDbContext<{wanted.Name}>() of the package Idempotency.EntityFrameworkCore to AddIdempotency().");
        }

        return transactional;
    }

    /// <summary>What the body is given.</summary>
    /// <exception cref="InvalidOperationException">The store's transactions are of another type.</exception>
    public ValueTask<ITransactionView> MakeAsync<TResult>(
        IdempotentOperation<TResult> operation, IIdempotencyStore store, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var wanted = operation.Transaction!;
        if (AdapterOf(wanted) is { } adapter)
        {
            return adapter.MakeAsync(transaction, cancellationToken);
        }

        return wanted.IsInstanceOfType(transaction)
            ? new ValueTask<ITransactionView>(new Itself(transaction))
            : throw new InvalidOperationException(
                $"The body of operation '{operation.Name}' wants a '{wanted}', and its store, '{store.GetType()}', gives it a '{transaction.GetType()}'. Take that type " +
                "in the body, or choose the store of the other database with Store = \"…\".");
    }

    private static bool IsTransaction(Type wanted) => wanted.IsAssignableTo(typeof(DbTransaction));

    private ITransactionAdapter? AdapterOf(Type wanted) => adapters.FirstOrDefault(adapter => adapter.Makes(wanted));

    private sealed class Itself(DbTransaction transaction) : ITransactionView
    {
        public object Value => transaction;

        public ValueTask SaveAsync(CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default; // it is the store's
    }
}
