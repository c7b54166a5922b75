using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>
/// What every store promises, one fact for each promise. Derive a test class from it that supplies the store and the way time
/// passes there; a store that passes keeps the contract of <see cref="IIdempotencyStore"/>.
/// </summary>
/// <remarks>
/// Every fact wants a store without records, as a test class of xunit has one: make it in the constructor, or in
/// <c>IAsyncLifetime.InitializeAsync</c>. Facts ask <see cref="Store"/> again and again, so keep the instance.
/// </remarks>
public abstract partial class StoreContract
{
    /// <summary>Where a record is open: its owner's writes change it.</summary>
    private static readonly Situation[] s_open = [Situation.InProgress, Situation.LeaseOver, Situation.InDoubt];

    /// <summary>Where there is a record.</summary>
    private static readonly Situation[] s_live = [.. s_open, Situation.Completed, Situation.Failed, Situation.Released];

    /// <summary>The store under test, without records when a fact begins.</summary>
    protected abstract IIdempotencyStore Store { get; }

    /// <summary>
    /// A second view on the same records, as another process has it: a second connection, a second instance on the same folder. The
    /// same instance by default, for a store that only one process can use.
    /// </summary>
    protected virtual IIdempotencyStore OtherStore => Store;

    /// <summary>The lease that claims ask for: 30 seconds by default. Shorter where time cannot be made to pass.</summary>
    protected virtual TimeSpan Lease => TimeSpan.FromSeconds(30);

    /// <summary>How long outcomes are kept: 1 hour by default, longer than two leases. Shorter where time cannot be made to pass.</summary>
    protected virtual TimeSpan Retention => TimeSpan.FromHours(1);

    /// <summary>How long the store keeps a freed key's record: 10 minutes by default.</summary>
    protected virtual TimeSpan TombstoneRetention => TimeSpan.FromMinutes(10);

    /// <summary>The shortest time that the store can tell from none: 100 nanoseconds by default.</summary>
    protected virtual TimeSpan Tick => TimeSpan.FromTicks(1);

    /// <summary>
    /// How long, on the store's clock, a waiter may not notice a change, where it looks for one from time to time. Zero by default:
    /// the store wakes its waiters itself.
    /// </summary>
    protected virtual TimeSpan WakeUpDelay => TimeSpan.Zero;

    /// <summary>How long a test waits for what must come at once, on the real clock: 30 seconds by default. Only a broken promise takes so long.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a lease ends when its time is over, as it does by default. <see langword="false"/> where it lasts as long as its owner
    /// lives, as an operating system's lock does; then override <see cref="EndLeaseAsync"/>.
    /// </summary>
    protected virtual bool LeasesEndByTime => true;

    /// <summary>
    /// Whether the store removes expired records by itself as time passes, so that a purge may find fewer. <see langword="false"/> by default.
    /// </summary>
    protected virtual bool PurgesByItself => false;

    /// <summary>
    /// Whether fences grow over all keys, as they do by default. <see langword="false"/> where several servers share the keys and each counts
    /// for itself; those of one key always grow.
    /// </summary>
    protected virtual bool FencesGrowOverAllKeys => true;

    /// <summary>The largest outcome that the store holds, in bytes: 1 MiB by default. Less where a record has to fit into something.</summary>
    protected virtual int LargestOutcome => 1024 * 1024;

    /// <summary>Lets time pass for the store: moves the clock it was given, or waits.</summary>
    /// <param name="time">How long, never negative.</param>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>
    /// Ends the lease of an owner that goes on to believe in it. Lets <see cref="Lease"/> pass by default. A store whose leases last as long as
    /// their owner renews with a lease of zero here, or kills the owner.
    /// </summary>
    /// <param name="key">The owner's key.</param>
    /// <param name="owner">The owner, granted or renewed just before.</param>
    protected virtual Task EndLeaseAsync(IdempotencyKey key, Ownership owner) => PassAsync(Lease);

    /// <summary>
    /// Sets the wall clock of the machine, as an administrator does, without time having passed. Does nothing by default: then those facts
    /// prove nothing.
    /// </summary>
    /// <param name="by">How far; back when negative.</param>
    protected virtual Task JumpWallClockAsync(TimeSpan by) => Task.CompletedTask;

    /// <summary>A key that was never used before. Random by default.</summary>
    protected virtual IdempotencyKey NewKey() => IdempotencyKey.FromCanonical("contract.charge", Guid.NewGuid().ToByteArray());
}
