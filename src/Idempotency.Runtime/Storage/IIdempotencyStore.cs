using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>Remembers which attempt owns a key and what it ended with.</summary>
/// <remarks>
/// <para>
/// Every operation is one atomic step with respect to every other for the same key, across all processes that share the store, and
/// may be repeated after its answer was lost without changing anything more. All comparisons of time use the store's own clock,
/// read inside that step. A store never decides for its caller and never answers by guessing: one that cannot answer throws, and
/// the guard treats the outcome as unknown. No member may block its thread while it waits for something: one thread renews the
/// leases of all stores, and a deadline counts only from when a member has returned its task.
/// </para>
/// <para>"Mine" below means that both the token and the fence are the recorded ones. The end of a lease alone revokes nothing; only a
/// change of owner does.</para>
/// </remarks>
public interface IIdempotencyStore
{
    /// <summary>
    /// Whether outcomes stay in this process as objects. A result that can never change is then given as
    /// <see cref="StoredOutcome.Value"/>. <see langword="false"/> by default.
    /// </summary>
    bool KeepsObjects => false;

    /// <summary>
    /// Answers from this process's memory, without waiting, when the key is known to have ended: <see cref="Claim.Finished"/> or
    /// <see cref="Claim.Mismatch"/>. <see langword="null"/> when a claim is needed to know, which is the default.
    /// </summary>
    Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint) => null;

    /// <summary>Asks for the right to run the body now.</summary>
    /// <remarks>
    /// Absent or expired: granted with attempt 1. A token that was ended: <see cref="Claim.Stale"/>; of a record that has ended
    /// it may also be told the outcome, from a copy that does not know its end, because that grants nothing. Released: granted.
    /// Another fingerprint (unless released): <see cref="Claim.Mismatch"/>. In progress or in doubt by the same token: granted
    /// again with the same fence and a fresh lease. In progress by another: <see cref="Claim.Busy"/> while its lease lasts;
    /// after it, granted under <see cref="OnCrash.Retry"/>, with the old token ended, and turned into
    /// <see cref="Claim.InDoubt"/> under <see cref="OnCrash.Hold"/>. Ended: <see cref="Claim.Finished"/>.
    /// </remarks>
    /// <exception cref="StoreFullException">There is no room for a new key.</exception>
    /// <exception cref="StoreRefusedException">The store would not keep what is promised; claiming again is of no use until somebody has acted.</exception>
    ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Mine and in progress or in doubt: in progress with a fresh lease. Otherwise <see cref="OwnerAnswer.Fenced"/>.</summary>
    /// <remarks>
    /// A lease of zero is over at once: an owner that will not settle its record, because the body runs too long or its outcome
    /// cannot be stored, so leaves the record to the crash policy.
    /// </remarks>
    ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Mine and in progress or in doubt, whether or not the lease is over: the outcome is stored and expires after
    /// <paramref name="retention"/>. Mine and stored already: accepted again. Otherwise <see cref="OwnerAnswer.Fenced"/>.
    /// </summary>
    ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken);

    /// <summary>
    /// Mine and in progress or in doubt: the key is free and the token ended. Released by this owner already: accepted again.
    /// Otherwise <see cref="OwnerAnswer.Fenced"/>.
    /// </summary>
    ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a token whose body was never started, so that a claim still on its way cannot take the key for nobody: frees the key
    /// if the token owns it, and remembers the token as ended.
    /// </summary>
    ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken);

    /// <summary>The record as it is now, read where it is written; <see langword="null"/> when there is none or it has expired.</summary>
    ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Returns when the record may differ from <paramref name="version"/>, when the present lease ends or after
    /// <paramref name="timeout"/>, whichever is first. Only a hint: it may return early, and the caller claims again to know.
    /// </summary>
    ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// If the record still has this version and is in doubt, or in progress with its lease over: stores the outcome, or frees the
    /// key when it is <see langword="null"/>, and ends the old token. <see langword="false"/> when the record has changed.
    /// </summary>
    ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken);

    /// <summary>
    /// Removes up to <paramref name="max"/> records whose retention is over, and says how many. Never one that is in progress or in
    /// doubt.
    /// </summary>
    ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken);
}
