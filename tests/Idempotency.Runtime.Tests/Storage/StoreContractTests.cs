using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

/// <summary>Where a key stands when a test begins.</summary>
public enum Situation
{
    Absent,
    Expired,
    InProgress,
    LeaseOver,
    InDoubt,
    Completed,
    Failed,
    Released,
}

/// <summary>Who acts on it: the last owner, somebody else, or the owner's token with a fence that is not the owner's.</summary>
public enum Caller
{
    Owner,
    OtherToken,
    OtherFence,
}

/// <summary>
/// What every store promises. A subclass supplies the store, a key that no test used before, and the way time passes there.
/// </summary>
public abstract partial class StoreContractTests
{
    protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>For waits that end only when a promise is broken.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Situation[] s_live =
        [Situation.InProgress, Situation.LeaseOver, Situation.InDoubt, Situation.Completed, Situation.Failed, Situation.Released];

    protected abstract IIdempotencyStore Store { get; }

    /// <summary>Longer than two leases, so that a lease can end and the outcome still be there.</summary>
    protected virtual TimeSpan Retention => TimeSpan.FromHours(1);

    /// <summary>How long a freed key's record remains.</summary>
    protected virtual TimeSpan TombstoneRetention => TimeSpan.FromMinutes(10);

    /// <summary>The shortest time that the store can tell from none.</summary>
    protected virtual TimeSpan Tick => TimeSpan.FromTicks(1);

    protected abstract IdempotencyKey NewKey();

    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>A key in a situation, its last owner, and the record's version; 0 when there is no record.</summary>
    protected sealed record Scene(IdempotencyKey Key, Ownership Owner, long Version)
    {
        public Ownership As(Caller caller) => caller switch
        {
            Caller.Owner => Owner,
            Caller.OtherToken => Owner with { Token = OwnerToken.New() },
            _ => Owner with { Fence = Owner.Fence + 1 },
        };
    }

    protected async Task<Scene> GivenAsync(Situation situation)
    {
        var key = NewKey();
        if (situation == Situation.Absent)
        {
            return new Scene(key, new Ownership(OwnerToken.New(), 1), 0);
        }

        var owner = await AcquireAsync(key);
        switch (situation)
        {
            case Situation.LeaseOver:
                await PassAsync(Lease);
                break;
            case Situation.InDoubt:
                await PassAsync(Lease);
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

    protected async Task<Claim> ClaimAsync(
        IdempotencyKey key, OwnerToken? token = null, OnCrash onCrash = OnCrash.Retry, string fingerprint = "", TimeSpan? lease = null) =>
        await Store.TryClaimAsync(
            key,
            new ClaimRequest(token ?? OwnerToken.New(), lease ?? Lease, onCrash, System.Text.Encoding.UTF8.GetBytes(fingerprint)),
            CancellationToken.None);

    protected async Task<Ownership> AcquireAsync(
        IdempotencyKey key, OwnerToken? token = null, string fingerprint = "", TimeSpan? lease = null)
    {
        var mine = token ?? OwnerToken.New();
        var claim = await ClaimAsync(key, mine, fingerprint: fingerprint, lease: lease);
        return new Ownership(mine, Assert.IsType<Claim.Acquired>(claim).Fence);
    }

    protected async Task<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner) =>
        await Store.RenewAsync(key, owner, Lease, CancellationToken.None);

    protected async Task<OwnerAnswer> CompleteAsync(IdempotencyKey key, Ownership owner, StoredOutcome? outcome = null, TimeSpan? retention = null) =>
        await Store.CompleteAsync(key, owner, outcome ?? Outcome("first"), retention ?? Retention, CancellationToken.None);

    protected async Task<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner) =>
        await Store.ReleaseAsync(key, owner, CancellationToken.None);

    protected async Task AbandonAsync(IdempotencyKey key, OwnerToken token) => await Store.AbandonAsync(key, token, CancellationToken.None);

    protected async Task<OperationRecord?> GetAsync(IdempotencyKey key) => await Store.GetAsync(key, CancellationToken.None);

    protected async Task<OperationRecord> RecordAsync(IdempotencyKey key) =>
        await GetAsync(key) ?? throw new InvalidOperationException("There is no record.");

    protected async Task<long> VersionAsync(IdempotencyKey key) => (await GetAsync(key))?.Version ?? 0;

    protected async Task<bool> ResolveAsync(IdempotencyKey key, long version, StoredOutcome? outcome) =>
        await Store.ResolveAsync(key, version, outcome, Retention, CancellationToken.None);

    protected static StoredOutcome Outcome(string text, bool isFailure = false) => new(isFailure, System.Text.Encoding.UTF8.GetBytes(text));

    protected static string TextOf(StoredOutcome? outcome) =>
        System.Text.Encoding.UTF8.GetString(Assert.IsType<StoredOutcome>(outcome).Payload.Span);
}
