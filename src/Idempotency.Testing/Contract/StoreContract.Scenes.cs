using System.Text;
using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

public abstract partial class StoreContract
{
    /// <summary>Where a key stands when a fact begins.</summary>
    public enum Situation
    {
        /// <summary>There never was a record.</summary>
        Absent,

        /// <summary>It completed, and its retention is over.</summary>
        Expired,

        /// <summary>An owner runs.</summary>
        InProgress,

        /// <summary>An owner's lease is over, and nobody has looked since.</summary>
        LeaseOver,

        /// <summary>An owner's lease was found to be over under <see cref="OnCrash.Hold"/>.</summary>
        InDoubt,

        /// <summary>The result <c>first</c> is stored.</summary>
        Completed,

        /// <summary>The failure <c>first</c> is stored.</summary>
        Failed,

        /// <summary>The owner freed the key.</summary>
        Released,
    }

    /// <summary>Who acts on a key.</summary>
    public enum Caller
    {
        /// <summary>The last owner.</summary>
        Owner,

        /// <summary>Somebody with another token and the last owner's fence.</summary>
        OtherToken,

        /// <summary>Somebody with the last owner's token and another fence.</summary>
        OtherFence,
    }

    /// <summary>A key with attempt 1 behind it, brought into a situation.</summary>
    /// <param name="situation">Which one.</param>
    protected async Task<Scene> GivenAsync(Situation situation)
    {
        var key = NewKey();
        if (situation == Situation.Absent)
        {
            return new Scene(key, new Ownership(OwnerToken.New(), 0), 0);
        }

        var owner = await AcquireAsync(key);
        switch (situation)
        {
            case Situation.LeaseOver:
                await EndLeaseAsync(key, owner);
                break;
            case Situation.InDoubt:
                await EndLeaseAsync(key, owner);
                Assert.IsType<Claim.InDoubt>(await ClaimAsync(key, onCrash: OnCrash.Hold));
                break;
            case Situation.Completed or Situation.Failed:
                Assert.Equal(OwnerAnswer.Accepted, await CompleteAsync(key, owner, Outcome("first", situation == Situation.Failed)));
                break;
            case Situation.Expired:
                await CompleteAsync(key, owner);
                await PassAsync(Retention);
                break;
            case Situation.Released:
                Assert.Equal(OwnerAnswer.Accepted, await ReleaseAsync(key, owner));
                break;
        }

        return new Scene(key, owner, await VersionAsync(key));
    }

    /// <summary>Claims a key; without a token, for a call of its own.</summary>
    protected async Task<Claim> ClaimAsync(
        IdempotencyKey key,
        OwnerToken? token = null,
        OnCrash onCrash = OnCrash.Retry,
        ReadOnlyMemory<byte> fingerprint = default,
        TimeSpan? lease = null,
        IIdempotencyStore? store = null) =>
        await (store ?? Store).TryClaimAsync(
            key, new ClaimRequest(token ?? OwnerToken.New(), lease ?? Lease, onCrash, fingerprint), CancellationToken.None);

    /// <summary>Claims a key that is to be had.</summary>
    protected async Task<Ownership> AcquireAsync(
        IdempotencyKey key, OwnerToken? token = null, ReadOnlyMemory<byte> fingerprint = default, TimeSpan? lease = null)
    {
        var mine = token ?? OwnerToken.New();
        var claim = await ClaimAsync(key, mine, fingerprint: fingerprint, lease: lease);
        return new Ownership(mine, Assert.IsType<Claim.Acquired>(claim).Fence);
    }

    /// <summary>Renews a lease; for <see cref="Lease"/> when nothing else is said.</summary>
    protected async Task<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan? lease = null) =>
        await Store.RenewAsync(key, owner, lease ?? Lease, CancellationToken.None);

    /// <summary>Stores an outcome; the result <c>first</c> when nothing else is said.</summary>
    protected async Task<OwnerAnswer> CompleteAsync(IdempotencyKey key, Ownership owner, StoredOutcome? outcome = null, TimeSpan? retention = null) =>
        await Store.CompleteAsync(key, owner, outcome ?? Outcome("first"), retention ?? Retention, CancellationToken.None);

    /// <summary>Frees a key.</summary>
    protected async Task<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner) =>
        await Store.ReleaseAsync(key, owner, CancellationToken.None);

    /// <summary>Ends a token.</summary>
    protected async Task AbandonAsync(IdempotencyKey key, OwnerToken token) => await Store.AbandonAsync(key, token, CancellationToken.None);

    /// <summary>Resolves a record as an operator does.</summary>
    protected async Task<bool> ResolveAsync(IdempotencyKey key, long version, StoredOutcome? outcome) =>
        await Store.ResolveAsync(key, version, outcome, Retention, CancellationToken.None);

    /// <summary>Removes all that has expired, and says how many records those were.</summary>
    protected async Task<int> PurgeAsync() => await Store.PurgeAsync(1000, CancellationToken.None);

    /// <summary>The record, if there is one.</summary>
    protected async Task<OperationRecord?> GetAsync(IdempotencyKey key) => await Store.GetAsync(key, CancellationToken.None);

    /// <summary>The record, which must be there.</summary>
    protected async Task<OperationRecord> RecordAsync(IdempotencyKey key)
    {
        var record = await GetAsync(key);
        Assert.NotNull(record);
        return record;
    }

    /// <summary>The record's version; 0 when there is none.</summary>
    protected async Task<long> VersionAsync(IdempotencyKey key) => (await GetAsync(key))?.Version ?? 0;

    /// <summary>An outcome of this text.</summary>
    protected static StoredOutcome Outcome(string text, bool isFailure = false) => new(isFailure, Bytes(text));

    /// <summary>The text of an outcome.</summary>
    protected static string TextOf(StoredOutcome? outcome) => Encoding.UTF8.GetString(Assert.IsType<StoredOutcome>(outcome).Payload.Span);

    /// <summary>The bytes of a text, such as a fingerprint's.</summary>
    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>What can be seen of a record but the moments, to compare with; <c>none</c> when there is no record.</summary>
    private async Task<string> LookAsync(IdempotencyKey key) => await GetAsync(key) is { } record
        ? $"{record.State}, fence {record.Fence}, attempt {record.Attempt}, outcome '{(record.Outcome is { } outcome ? TextOf(outcome) : "")}'"
        : "none";

    /// <summary>A key in a situation.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Owner">Its last owner; an invented one where there was none.</param>
    /// <param name="Version">The record's version; 0 when there is no record.</param>
    protected sealed record Scene(IdempotencyKey Key, Ownership Owner, long Version)
    {
        /// <summary>What a caller shows with a write.</summary>
        public Ownership As(Caller caller) => caller switch
        {
            Caller.Owner => Owner,
            Caller.OtherToken => Owner with { Token = OwnerToken.New() },
            _ => Owner with { Fence = Owner.Fence + 1 },
        };
    }
}
