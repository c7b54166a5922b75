using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>What a call answers that did not run its body, and how a call is counted.</summary>
internal static class CallAnswers
{
    public static TResult Answer<TState, TResult>(GuardedCall<TState, TResult> call, Claim answer, OutcomeCodec codec)
    {
        var key = call.Key;
        return answer switch
        {
            Claim.Finished when call.Operation.OnDuplicate == OnDuplicate.Throw => throw new DuplicateOperationException(key.Operation, key.Text),
            Claim.Finished finished => codec.Recall(call.Operation, key, finished.Outcome).Replay(),
            Claim.InDoubt doubt => throw new OperationInDoubtException(key.Operation, key.Text, doubt.Attempt, doubt.Since),
            Claim.Unreadable unreadable => throw new UnreadableRecordException(key.Operation, key.Text, unreadable.Reason),
            _ when ReferenceEquals(answer, Claim.Mismatch) => throw new IdempotencyKeyReusedException(key.Operation, key.Text),
            _ => throw new InvalidOperationException($"The store of operation '{key.Operation}' answered a claim with '{answer}'."),
        };
    }

    /// <summary>Why a caller is not let in while another attempt runs.</summary>
    public static IdempotencyException Refuse<TResult>(IdempotentOperation<TResult> operation, IdempotencyKey key, Claim.Busy busy) =>
        operation.OnDuplicate == OnDuplicate.Throw
            ? new DuplicateOperationException(key.Operation, key.Text)
            : new OperationInProgressException(key.Operation, key.Text, busy.Remaining);

    /// <summary>The outcome of a call whose attempt, if it came to one, ended with this; <see langword="null"/> when it says nothing about it.</summary>
    public static string? OutcomeOf(RunningAttempt? attempt, Exception thrown) =>
        ReferenceEquals(thrown, attempt?.BodyFailure) ? IdempotencyDiagnostics.Failed : NameOf(thrown);

    /// <summary>The outcome of a call that ended with this, as metrics name it; <see langword="null"/> when it says nothing about it.</summary>
    public static string? NameOf(Exception failure) => failure switch
    {
        OperationInProgressException => IdempotencyDiagnostics.InProgress,
        DuplicateOperationException => IdempotencyDiagnostics.Duplicate,
        IdempotencyKeyReusedException => IdempotencyDiagnostics.Mismatch,
        OperationInDoubtException => IdempotencyDiagnostics.InDoubt,
        LeaseLostException => IdempotencyDiagnostics.LeaseLost,
        OutcomeNotStoredException => IdempotencyDiagnostics.NotStored,
        CommitUnknownException => IdempotencyDiagnostics.CommitUnknown,
        UnreadableRecordException => IdempotencyDiagnostics.Unreadable,
        ReentrantOperationException => IdempotencyDiagnostics.Reentrant,
        StoreUnavailableException => IdempotencyDiagnostics.Unavailable,
        _ => null,
    };
}
