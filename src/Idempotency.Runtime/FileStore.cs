using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Storage.Files;

namespace Idempotency;

/// <summary>
/// Remembers keys in a directory that any number of processes on one host share. It survives the death of any of them at any
/// moment and, unless told otherwise, that of the machine.
/// </summary>
/// <remarks>
/// <para>
/// The life of its owner is the lease of a claim, watched by the operating system: a process that ends frees its keys at once, one
/// that is stopped keeps them, and no clock decides who owns a key. <see cref="IdempotentAttribute.Lease"/> is not looked at;
/// a body that hangs is bounded by <see cref="IdempotencyOptions.ExecutionLimit"/>. Only retention is counted, by the wall clock.
/// </para>
/// <para>
/// All records of all processes are in one log; see <c>docs/file-store.md</c>. Every process also keeps them in memory, about 300
/// bytes each, so that duplicates are answered without asking the operating system. One caller at a time writes, on its own thread
/// when nobody else does. All members are safe to use from any thread.
/// </para>
/// </remarks>
public sealed class FileStore : IIdempotencyStore, IDisposable
{
    private readonly FileStoreEngine _engine;

    /// <summary>Opens the store in a directory, which is made if there is none.</summary>
    /// <param name="path">A directory of its own, on a local disk, that belongs to the user of this process.</param>
    /// <param name="options">What it survives; the defaults when absent. Changing them later changes nothing.</param>
    /// <param name="timeProvider">Its clock; the system's when absent.</param>
    /// <exception cref="ArgumentException">The path is empty, or an option is out of its range.</exception>
    /// <exception cref="IOException">The directory cannot be used; the message says why and what to do. Nothing was lost.</exception>
    /// <exception cref="InvalidDataException">What is in it is damaged, or of a later version. Nothing was changed.</exception>
    public FileStore(string path, FileStoreOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new FileStoreOptions();
        if (options.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        _engine = FileStoreEngine.Open(
            StoreDirectory.Prepare(path, options.AllowNetworkFileSystem), options.Durability, options.LeastSegment,
            options.TombstoneRetention, options.Capacity, options.IsToldOfWrites, timeProvider ?? TimeProvider.System);
    }

    /// <summary>How many records there are, expired ones that were not removed yet included.</summary>
    public int Count => _engine.Count;

    /// <inheritdoc/>
    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        ClaimableKey.Require(key);
        var hash = KeyHash.Of(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.Ended(hash, request) is { } answer
            ? new ValueTask<Claim>(answer)
            : _engine.ClaimAsync(hash, (ClaimTable table, ref FileRecord? record) => table.Claim(key, hash, request, ref record));
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        var hash = KeyHash.Of(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.StepAsync(hash, (ClaimTable table, ref FileRecord? record) => table.Renew(owner, lease, ref record));
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var hash = KeyHash.Of(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.StepAsync(hash, (ClaimTable table, ref FileRecord? record) => table.Complete(owner, outcome, retention, ref record));
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken)
    {
        var hash = KeyHash.Of(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.StepAsync(hash, (ClaimTable table, ref FileRecord? record) => table.Release(owner, ref record));
    }

    /// <inheritdoc/>
    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken)
    {
        var hash = KeyHash.Of(key);
        cancellationToken.ThrowIfCancellationRequested();
        await _engine.StepAsync(
            hash,
            (ClaimTable table, ref FileRecord? record) =>
            {
                table.Abandon(key, hash, token, ref record);
                return true;
            }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        var hash = KeyHash.Of(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.StepAsync(
            hash,
            (ClaimTable table, ref FileRecord? record) => record?.Operation == key.Operation ? table.Describe(key, record) : null);
    }

    /// <inheritdoc/>
    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        _engine.WaitAsync(KeyHash.Of(key), version, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        var hash = KeyHash.Of(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.StepAsync(hash, (ClaimTable table, ref FileRecord? record) => table.Resolve(version, outcome, retention, ref record));
    }

    /// <inheritdoc/>
    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.PurgeAsync(max);
    }

    /// <summary>
    /// Closes the store. Dispose it when nothing runs under it any more; keys of bodies that still run stay theirs until the process
    /// ends.
    /// </summary>
    public void Dispose() => _engine.Dispose();

    /// <inheritdoc cref="FileStoreEngine.Crash"/>
    internal void Crash() => _engine.Crash();
}
