using Microsoft.Extensions.Logging;

namespace Idempotency.Telemetry;

/// <remarks>
/// A call is passed as an object and named by its <see cref="object.ToString"/>, so that its key is hashed only when a log wants it.
/// </remarks>
internal sealed partial class IdempotencyTelemetry
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "{Call} ended as {Outcome}.")]
    public partial void Ended(object call, string outcome);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Call} was taken over from an owner whose lease was over; attempt {Attempt} runs the body again.")]
    private partial void LogTakeOver(object call, int attempt);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Call} got no answer to its claim and claims again with the same token.")]
    public partial void ClaimUnanswered(object call, Exception failure);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{Call} could not be abandoned yet; until its lease is over others may be told it is running.")]
    public partial void AbandonFailed(object call, Exception failure);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "{Call} could not renew its lease and tries again.")]
    public partial void RenewalFailed(object call, Exception failure);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "{Call} could not renew its lease in time; the body was told, and its outcome will still be stored if nobody took the key over.")]
    public partial void LeaseNotRenewedInTime(object call);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "{Call} lost its key to another attempt while its body was running.")]
    public partial void LeaseTaken(object call);

    [LoggerMessage(EventId = 8, Level = LogLevel.Error, Message = "{Call} has been running for more than {Limit}; its lease is no longer renewed and its body was asked to stop.")]
    public partial void ExecutionLimitPassed(object call, TimeSpan limit);

    [LoggerMessage(EventId = 9, Level = LogLevel.Error, Message = "{Call} was told that it lost its lease, and what its body had registered for that threw.")]
    public partial void CallbackFailed(object call, Exception failure);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "{Call} could not store how it ended and tries again.")]
    public partial void SettlingFailed(object call, Exception failure);

    [LoggerMessage(EventId = 11, Level = LogLevel.Error, Message = "{Call} has run, but how it ended is not stored. It is tried further in the background; its key is not freed.")]
    public partial void NotSettled(object call);

    [LoggerMessage(EventId = 12, Level = LogLevel.Information, Message = "{Call} could store how it ended after all, in the background.")]
    public partial void SettledLate(object call);

    [LoggerMessage(EventId = 13, Level = LogLevel.Error, Message = "{Call} could not store how it ended. What the crash policy says for a vanished owner happens when its lease is over.")]
    public partial void GivenUp(object call);

    [LoggerMessage(EventId = 14, Level = LogLevel.Warning, Message = "{Call} failed after another attempt had taken its key over; the failure changes nothing in the store.")]
    public partial void FailureFenced(object call);

    [LoggerMessage(EventId = 15, Level = LogLevel.Error, Message = "{Call} has a result that cannot be stored; its key stays taken without one.")]
    public partial void ResultNotStorable(object call, Exception? failure);

    [LoggerMessage(EventId = 16, Level = LogLevel.Warning, Message = "{Call} failed in a way that leaves it open whether its effect happened; it becomes in doubt when its lease is over.")]
    public partial void LeftInDoubt(object call);

    [LoggerMessage(EventId = 17, Level = LogLevel.Information, Message = "{Call} version {Version} was resolved as {Resolution} by {ResolvedBy}.")]
    public partial void Resolved(object call, long version, object resolution, string resolvedBy);

    [LoggerMessage(EventId = 18, Level = LogLevel.Warning, Message = "{Call} version {Version} may or may not have been resolved as {Resolution} by {ResolvedBy}: the store did not answer.")]
    public partial void ResolutionUnknown(object call, long version, object resolution, string resolvedBy, Exception failure);

    [LoggerMessage(EventId = 19, Level = LogLevel.Information, Message = "{Call} could not store how it ended, because its key belongs to another attempt by now or was resolved.")]
    public partial void SettledByOthers(object call);

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "What listens to the metrics or traces of guarded calls threw.")]
    private partial void ListenerFailed(Exception failure);

    [LoggerMessage(EventId = 21, Level = LogLevel.Debug, Message = "{Call} met another transaction; its own was rolled back and is repeated.")]
    public partial void TransactionRepeated(object call, Exception failure);

    [LoggerMessage(EventId = 22, Level = LogLevel.Warning, Message = "{Call} got no answer to its commit and asks whether it was committed.")]
    public partial void CommitUnanswered(object call, Exception failure);

    [LoggerMessage(EventId = 23, Level = LogLevel.Warning, Message = "{Call} failed and was rolled back, but its failure could not be stored; the next call runs the body.")]
    public partial void FailureNotStored(object call, Exception failure);
}
