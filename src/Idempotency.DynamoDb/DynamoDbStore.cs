using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Idempotency.DynamoDb;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency;

/// <summary>Remembers keys in a table of Amazon DynamoDB that any number of processes in one region share.</summary>
/// <remarks>
/// <para>
/// Every change is one conditional update, and every read is consistent. DynamoDB has no clock that a condition could ask, so a lease is over
/// when this process has seen the record unchanged for a whole lease of its own monotonic time: after a crash a key is free one lease after a
/// process has first found it taken, and no wall clock decides who owns it. Only retention is counted by wall clocks;
/// see <see cref="DynamoDbStoreOptions.ClockSkew"/>.
/// </para>
/// <para>
/// An outcome and the rest of its record must fit into an item of 400 KB. In a global table the last writer wins between regions, so that a key is
/// guarded only within one. All members are safe to use from any thread.
/// </para>
/// </remarks>
public sealed partial class DynamoDbStore : IIdempotencyStore
{
    private readonly Table _table;
    private readonly TableSetup _setup;
    private readonly TimeProvider _time;
    private readonly FenceSequence _fences;
    private readonly ReadOrder _order = new();
    private readonly LeaseObserver _leases;
    private readonly WaitingRoom _waiters;
    private readonly TimeSpan _tombstone;
    private readonly TimeSpan _longest;
    private readonly TimeSpan _skew;

    /// <summary>Makes a store. Nothing is sent yet.</summary>
    /// <param name="client">The client, which is not disposed.</param>
    /// <param name="options">Which table, and how patient; the defaults when absent. Changing them later changes nothing.</param>
    /// <param name="timeProvider">Its clock; the system's when absent.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public DynamoDbStore(IAmazonDynamoDB client, DynamoDbStoreOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new DynamoDbStoreOptions();
        if (options.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        _time = timeProvider ?? TimeProvider.System;
        _tombstone = options.TombstoneRetention;
        _longest = options.CommandTimeout;
        _skew = options.ClockSkew;
        _table = new Table(client, options.TableName);
        _setup = new TableSetup(client, options.TableName, _longest, _time);
        _fences = new FenceSequence(_time);
        _leases = new LeaseObserver(_time);
        _waiters = new WaitingRoom(LookAsync, options.PollInterval, _time);
    }

    /// <summary>
    /// Makes the table if there is none, with on-demand capacity, waits until it can be used, and lets DynamoDB delete what has expired. Changes
    /// nothing of a table that is right already, so every process may call it at start.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">There is a table of that name with other keys, or another attribute decides what is deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">The credentials are not accepted, or do not allow it.</exception>
    /// <exception cref="IOException">DynamoDB could not be reached.</exception>
    /// <exception cref="TimeoutException">DynamoDB gave no answer in time, or the table was not ready after five minutes.</exception>
    public Task EnsureTableAsync(CancellationToken cancellationToken = default) => _setup.EnsureAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        var item = RecordKey.Of(key);
        using var deadline = Begin(cancellationToken);
        var update = await _table.UpdateAsync(Expressions.Renew, item, new RecordValues().Owner(owner).Lease(lease), deadline).ConfigureAwait(false);
        if (update.IsApplied && lease <= TimeSpan.Zero)
        {
            _waiters.Wake(item);
        }

        return update.IsApplied ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The outcome is too large for an item. Nothing was sent.</exception>
    public async ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var item = RecordKey.Of(key);
        ItemSize.Require(key, outcome);
        using var deadline = Begin(cancellationToken);
        var values = new RecordValues().Owner(owner).Outcome(outcome).ExpiresAt(After(retention));
        var update = await _table.UpdateAsync(Expressions.Complete, item, values, deadline).ConfigureAwait(false);
        if (update.IsApplied)
        {
            _waiters.Wake(item);
            return OwnerAnswer.Accepted;
        }

        var isRepeated = Live(update.Record) is { Outcome: { } stored } record && stored.IsFailure == outcome.IsFailure && record.IsMine(owner);
        return Repeated(item, isRepeated);
    }

    /// <inheritdoc/>
    public async ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken)
    {
        var item = RecordKey.Of(key);
        using var deadline = Begin(cancellationToken);
        var values = new RecordValues().Owner(owner).ExpiresAt(After(_tombstone));
        var update = await _table.UpdateAsync(Expressions.Release, item, values, deadline).ConfigureAwait(false);
        if (update.IsApplied)
        {
            _waiters.Wake(item);
            return OwnerAnswer.Accepted;
        }

        return Repeated(item, Live(update.Record)?.HasEnded(owner.Token.ToString()) == true);
    }

    /// <inheritdoc/>
    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken)
    {
        var item = RecordKey.Of(key);
        var text = token.ToString();
        using var deadline = Begin(cancellationToken);
        var seen = await ReadAsync(item, deadline).ConfigureAwait(false);
        while (true)
        {
            var over = seen?.IsExpired(_time.GetUtcNow()) == true;
            if (seen is not null && !over && seen.State != RecordState.Released && seen.HasJustEnded(text))
            {
                // A free record is written again all the same: the token is to be remembered for a whole tombstone from now.
                _waiters.Wake(item); // its own write, perhaps, of which only the answer was lost
                return;
            }

            var values = new RecordValues().Seen(seen).Token(text).ExpiresAt(After(_tombstone)).Now(_time.GetUtcNow());
            var command = seen switch
            {
                null => Expressions.Bury,
                _ when over => Expressions.BuryAgain,
                { IsOpen: true } when seen.Token == text => Expressions.AbandonOwned,
                { State: RecordState.Released } => Expressions.EndTokenOfFree,
                _ => Expressions.EndToken,
            };
            values = seen is null || over ? values.Next(_fences.Next(seen?.Version ?? 0)) : values.Ended(seen.EndedWith(text));
            var update = await _table.UpdateAsync(command, item, values, deadline).ConfigureAwait(false);
            if (update.IsApplied)
            {
                _waiters.Wake(item);
                return;
            }

            seen = update.Record;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The end of a lease is what this process knows of it: a whole lease from now, when it sees the record for the first time.</remarks>
    /// <exception cref="InvalidDataException">The record is of another format, or damaged.</exception>
    public async ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        var item = RecordKey.Of(key);
        using var deadline = Begin(cancellationToken);
        var record = Live(await ReadAsync(item, deadline).ConfigureAwait(false));
        return record?.Describe(key, record.State == RecordState.InProgress ? RecordValues.After(_time.GetUtcNow(), Remaining(item, record)) : null);
    }

    /// <inheritdoc/>
    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var item = RecordKey.Of(key);
        return new ValueTask(_waiters.WaitAsync(item, version, timeout, cancellationToken));
    }

    /// <inheritdoc/>
    /// <remarks>A record in progress can be resolved by a process that has seen it unchanged for a whole lease.</remarks>
    public async ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        var item = RecordKey.Of(key);
        if (outcome is not null)
        {
            ItemSize.Require(key, outcome);
        }

        using var deadline = Begin(cancellationToken);
        var seen = Live(await ReadAsync(item, deadline).ConfigureAwait(false));
        if (seen is null || seen.Version != version || !seen.IsOpen || (seen.State == RecordState.InProgress && Remaining(item, seen) > TimeSpan.Zero))
        {
            return false;
        }

        var resolver = OwnerToken.New().ToString();
        var values = new RecordValues().Seen(seen).Resolver(resolver).Ended(seen.EndedWith(seen.Token)).ExpiresAt(After(outcome is null ? _tombstone : retention));
        var update = await _table.UpdateAsync(
            outcome is null ? Expressions.ResolveFree : Expressions.Resolve, item, outcome is null ? values : values.Outcome(outcome), deadline).ConfigureAwait(false);
        _waiters.Wake(item);
        return update.IsApplied || update.Record?.Resolver == resolver;
    }

    /// <summary>Removes nothing and says so: DynamoDB itself deletes what has expired, at no cost, where to find it would mean to read the whole table.</summary>
    /// <inheritdoc/>
    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(0);
    }

    /// <summary>What a waiter has to know of a record, as it is now; <see langword="null"/> when nobody runs.</summary>
    private async Task<Glance?> LookAsync(RecordKey key)
    {
        using var deadline = Begin(CancellationToken.None);
        var item = await _table.ReadAsync(key, deadline, Expressions.Glance).ConfigureAwait(false);
        if (item is null || StoredRecord.StateOf(item) != RecordState.InProgress)
        {
            return null;
        }

        var version = StoredRecord.Number(item, Attributes.Version);
        var left = _leases.Remaining(key, StoredRecord.Number(item, Attributes.LeaseVersion), TimeSpan.FromTicks(StoredRecord.Number(item, Attributes.Lease)));
        return left > TimeSpan.Zero ? new Glance(version, StoredRecord.Number(item, Attributes.Fence), left) : null;
    }

    private async Task<StoredRecord?> ReadAsync(RecordKey key, Deadline deadline) =>
        await _table.ReadAsync(key, deadline).ConfigureAwait(false) is { } item ? StoredRecord.Read(item) : null;

    private Deadline Begin(CancellationToken cancellationToken) => new(_longest, _time, cancellationToken);

    /// <summary>The answer to a write that was refused. What it wants may have been done by a copy of it, whose answer was lost: then nobody was woken yet.</summary>
    private OwnerAnswer Repeated(RecordKey item, bool isDone)
    {
        if (isDone)
        {
            _waiters.Wake(item);
        }

        return isDone ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    private TimeSpan Remaining(RecordKey key, StoredRecord record) => _leases.Remaining(key, record.LeaseVersion, record.Lease);

    private StoredRecord? Live(StoredRecord? record) => record?.IsExpired(_time.GetUtcNow()) == false ? record : null;

    /// <summary>The moment until which something is remembered by everybody whose clock is not further ahead than allowed for.</summary>
    private DateTimeOffset After(TimeSpan duration) => RecordValues.After(RecordValues.After(_time.GetUtcNow(), duration), _skew);
}
