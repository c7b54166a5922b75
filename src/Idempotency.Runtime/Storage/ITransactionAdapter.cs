using System.Data.Common;

namespace Idempotency.Storage;

/// <summary>
/// Makes what a body wants instead of the transaction itself, such as a <c>DbContext</c> that works in it. Register one as a
/// singleton service.
/// </summary>
public interface ITransactionAdapter
{
    /// <summary>Whether it makes this type.</summary>
    bool Makes(Type wanted);

    /// <summary>Makes one for a body that is about to run in this transaction.</summary>
    ValueTask<ITransactionView> MakeAsync(DbTransaction transaction, CancellationToken cancellationToken);
}
