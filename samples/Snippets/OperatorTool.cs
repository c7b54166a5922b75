using Idempotency;
using Idempotency.Storage;

namespace Snippets.OperatorTool;

#region operator-resolve
public sealed class DoubtTool(IdempotencyOperator idempotency)
{
    public async Task ResolveAsync(OperationInDoubtException doubt, string? receiptAtTheBank, string me)
    {
        var record = await idempotency.FindAsync(doubt.Operation, doubt.Key);
        if (record is not { State: RecordState.InDoubt })
            return; // the owner reported after all, or somebody else was faster

        var resolution = receiptAtTheBank is not null
            ? Resolution.Complete(receiptAtTheBank)     // it happened: later callers get this result
            : Resolution.Release(ownerIsDead: true);    // it did not: the next call runs the body
        await idempotency.ResolveAsync(record, resolution, resolvedBy: me);
    }
}
#endregion
