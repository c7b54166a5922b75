using System.Security.Cryptography;
using Idempotency.Storage;

namespace Idempotency.DynamoDb;

/// <summary>What a claim means for the record that was seen: an answer at once, or a write that gives it if nothing has changed meanwhile.</summary>
/// <param name="Answer">The answer; of a write, once it was applied.</param>
/// <param name="Write">What is to be written first, if anything.</param>
/// <param name="Values">What with.</param>
internal readonly record struct ClaimStep(Claim Answer, Command? Write = null, RecordValues? Values = null)
{
    /// <summary>Decides by the table of <see cref="IIdempotencyStore.TryClaimAsync"/>.</summary>
    /// <param name="record">What was seen, if anything.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="now">The wall clock, which only tells if an outcome is remembered still.</param>
    /// <param name="remaining">What is left of the record's lease.</param>
    /// <param name="fences">Makes the fence of a grant.</param>
    public static ClaimStep Decide(
        StoredRecord? record, in ClaimRequest request, DateTimeOffset now, Func<StoredRecord, TimeSpan> remaining, FenceSequence fences)
    {
        var token = request.Token.ToString();
        if (record is null || record.IsExpired(now))
        {
            return Grant(record, request, now, attempt: 1, ended: "", fences);
        }

        if (record.HasEnded(token))
        {
            return new ClaimStep(Claim.Stale);
        }

        if (record.State == RecordState.Released)
        {
            return Grant(record, request, now, record.Attempt + 1, record.Ended(), fences);
        }

        if (!CryptographicOperations.FixedTimeEquals(record.Fingerprint.Span, request.Fingerprint.Span))
        {
            return new ClaimStep(Claim.Mismatch);
        }

        if (record.Outcome is { } outcome)
        {
            return new ClaimStep(new Claim.Finished(outcome));
        }

        if (record.Token == token)
        {
            return new ClaimStep(
                new Claim.Acquired(record.Fence, record.Attempt, TakenOver: false), Expressions.RepeatClaim, new RecordValues().Seen(record).Lease(request.Lease));
        }

        if (record.State == RecordState.InDoubt)
        {
            return new ClaimStep(new Claim.InDoubt(record.Attempt, record.DoubtSince));
        }

        if (remaining(record) is var left && left > TimeSpan.Zero)
        {
            return new ClaimStep(new Claim.Busy(record.Attempt, left, record.Version));
        }

        return request.OnCrash == OnCrash.Retry
            ? Grant(record, request, now, record.Attempt + 1, record.EndedWith(record.Token), fences, takenOver: true)
            : new ClaimStep(new Claim.InDoubt(record.Attempt, now), Expressions.FindDoubt, new RecordValues().Seen(record).Now(now));
    }

    private static ClaimStep Grant(
        StoredRecord? record, in ClaimRequest request, DateTimeOffset now, int attempt, string ended, FenceSequence fences, bool takenOver = false)
    {
        // The version is never smaller than the fence, and the next fence has to be larger than both.
        var fence = fences.Next(record?.Version ?? 0);
        var values = new RecordValues().Seen(record).Next(fence).Attempt(attempt).Token(request.Token.ToString()).Ended(ended)
            .Fingerprint(request.Fingerprint).Lease(request.Lease).Now(now);
        return new ClaimStep(new Claim.Acquired(fence, attempt, takenOver), record is null ? Expressions.Claim : Expressions.ClaimAgain, values);
    }
}
