using System.Net.Http;
using System.Net.Sockets;

namespace Idempotency.Execution;

/// <summary>Decides by an exception's type what it does to the record.</summary>
internal static class FailurePolicy
{
    /// <summary>Of a body whose effects its transaction has taken back: what is rolled back is never in doubt.</summary>
    public static FailureFate FateOfRolledBack<TResult>(IdempotentOperation<TResult> operation, Exception failure) =>
        FateOf(operation, failure, OnCrash.Retry);

    public static FailureFate FateOf<TResult>(IdempotentOperation<TResult> operation, Exception failure) => FateOf(operation, failure, operation.OnCrash);

    private static FailureFate FateOf<TResult>(IdempotentOperation<TResult> operation, Exception failure, OnCrash onCrash)
    {
        var isCancellation = failure is OperationCanceledException;
        switch (Listed(operation.LockOn, operation.UnlockOn, failure.GetType()))
        {
            case OnFailure.Unlock:
                return FailureFate.Free;
            case OnFailure.Lock when !isCancellation:
                return FailureFate.Store;
        }

        if (onCrash == OnCrash.Hold && IsAmbiguous(failure))
        {
            return FailureFate.LeaveInDoubt;
        }

        // A cancellation says when somebody stopped waiting, not that the operation failed: it is never stored as its outcome.
        return operation.OnFailure == OnFailure.Lock && !isCancellation ? FailureFate.Store : FailureFate.Free;
    }

    /// <summary>Whether the effect may have happened although the body threw this, or something this was caused by.</summary>
    private static bool IsAmbiguous(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is OperationCanceledException or TimeoutException or HttpRequestException or IOException or SocketException
                or LeaseLostException or OutcomeNotStoredException or OperationInDoubtException)
            {
                return true;
            }

            if (cause is AggregateException several)
            {
                return several.InnerExceptions.Any(IsAmbiguous);
            }
        }

        return false;
    }

    private static OnFailure? Listed(IReadOnlyList<Type> lockOn, IReadOnlyList<Type> unlockOn, Type failure)
    {
        if (lockOn.Count == 0 && unlockOn.Count == 0)
        {
            return null;
        }

        // The entry nearest to the exception's own type decides, as a catch clause would.
        for (var type = failure; type is not null; type = type.BaseType)
        {
            if (unlockOn.Contains(type))
            {
                return OnFailure.Unlock;
            }

            if (lockOn.Contains(type))
            {
                return OnFailure.Lock;
            }
        }

        return null;
    }
}
