using System.Collections.Concurrent;
using System.Data.Common;
using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Transactions;

/// <summary>A database in memory that a test makes fail: records and effects of a transaction appear together when it commits.</summary>
internal sealed class Database(TimeProvider time) : ITransactionalStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IdempotencyKey, Row> _rows = new(CanonicalKeyComparer.Instance);
    private readonly Dictionary<IdempotencyKey, Transaction> _held = new(CanonicalKeyComparer.Instance);
    private readonly ConcurrentQueue<string> _effects = [];
    private readonly Dictionary<DatabaseStep, int> _steps = [];
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _fence;

    /// <summary>What happens at the n-th time of a step, counted from 1.</summary>
    public Func<DatabaseStep, int, DatabaseFault> Plan { get; set; } = static (_, _) => DatabaseFault.None;

    /// <summary>What was committed.</summary>
    public IReadOnlyCollection<string> Effects => _effects;

    /// <summary>How many transactions have begun and not ended.</summary>
    public int Open { get; private set; }

    public int MostOpen { get; private set; }

    public int Count(DatabaseStep step)
    {
        lock (_gate)
        {
            return _steps.GetValueOrDefault(step);
        }
    }

    public TransactionFate FateAfter(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException!)
        {
            if (cause is DatabaseException answer)
            {
                return answer.Fate;
            }
        }

        return TransactionFate.Unknown;
    }

    public async ValueTask<IStoreTransaction> BeginAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        await FailAsync(DatabaseStep.Begin, cancellationToken);
        lock (_gate)
        {
            MostOpen = Math.Max(MostOpen, ++Open);
        }

        return new Transaction(this);
    }

    public async ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        await FailAsync(DatabaseStep.Get, cancellationToken);
        lock (_gate)
        {
            return !_rows.TryGetValue(key, out var row) ? null : new OperationRecord
            {
                Key = key,
                State = row.Outcome.IsFailure ? RecordState.Failed : RecordState.Completed,
                Version = row.Fence,
                Fence = row.Fence,
                Attempt = 1,
                StartedAt = time.GetUtcNow(),
                Outcome = row.Outcome,
            };
        }
    }

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<OwnerAnswer> CompleteAsync(IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ResolveAsync(IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async ValueTask<DatabaseFault> FailAsync(DatabaseStep step, CancellationToken cancellationToken)
    {
        int number;
        lock (_gate)
        {
            number = _steps[step] = _steps.GetValueOrDefault(step) + 1;
        }

        var fault = Plan(step, number);
        switch (fault)
        {
            case DatabaseFault.Conflict:
                throw new InvalidOperationException("wrapped", new DatabaseException("40001", TransactionFate.Conflict));
            case DatabaseFault.Refused:
                throw new DatabaseException("refused", TransactionFate.RolledBack);
            case DatabaseFault.Lost:
                throw new IOException("The connection was lost.");
            case DatabaseFault.Hangs:
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                break;
        }

        return fault;
    }

    private sealed record Row(StoredOutcome Outcome, byte[] Fingerprint, long Fence);

    internal sealed class Transaction(Database database) : DbTransaction, IStoreTransaction
    {
        private readonly List<string> _effects = [];
        private IdempotencyKey? _claimed;
        private byte[] _fingerprint = [];
        private long _fence;
        private bool _hasEnded;

        DbTransaction IStoreTransaction.Transaction => this;

        public override System.Data.IsolationLevel IsolationLevel => System.Data.IsolationLevel.ReadCommitted;

        protected override DbConnection? DbConnection => null;

        /// <summary>What a body does.</summary>
        public void Add(string effect) => _effects.Add(effect);

        public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, TimeSpan wait, CancellationToken cancellationToken)
        {
            await database.FailAsync(DatabaseStep.Claim, cancellationToken);
            var until = database.Now + wait;
            while (true)
            {
                Task released;
                lock (database._gate)
                {
                    if (!database._held.ContainsKey(key))
                    {
                        if (database._rows.TryGetValue(key, out var row))
                        {
                            return row.Fingerprint.AsSpan().SequenceEqual(request.Fingerprint.Span) ? new Claim.Finished(row.Outcome) : Claim.Mismatch;
                        }

                        database._held.Add(_claimed = key, this);
                        _fingerprint = request.Fingerprint.ToArray();
                        return new Claim.Acquired(_fence = ++database._fence, 1, TakenOver: false);
                    }

                    released = database._released.Task;
                }

                var left = until - database.Now;
                if (left <= TimeSpan.Zero)
                {
                    return new Claim.Busy(1, request.Lease, 1);
                }

                await database.PassOrAsync(released, left, cancellationToken);
            }
        }

        public async ValueTask CommitAsync(IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
        {
            var fault = await database.FailAsync(DatabaseStep.Commit, cancellationToken);
            Assert.Equal(_fence, owner.Fence);
            lock (database._gate)
            {
                Assert.False(_hasEnded);
                database._rows.Add(key, new Row(outcome, _fingerprint, _fence));
                _effects.ForEach(database._effects.Enqueue);
                End();
            }

            if (fault == DatabaseFault.LostAfter)
            {
                throw new IOException("The connection was lost.");
            }
        }

        public override async ValueTask DisposeAsync()
        {
            lock (database._gate)
            {
                if (_hasEnded)
                {
                    GC.SuppressFinalize(this);
                    return;
                }
            }

            try
            {
                await database.FailAsync(DatabaseStep.Rollback, CancellationToken.None);
            }
            finally
            {
                lock (database._gate)
                {
                    End();
                }
            }

            await base.DisposeAsync();
        }

        public override void Commit() => throw new NotSupportedException();

        public override void Rollback() => throw new NotSupportedException();

        private void End()
        {
            _hasEnded = true;
            database.Open--;
            if (_claimed is not null && database._held.Remove(_claimed))
            {
                database._released.SetResult();
                database._released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private async Task PassOrAsync(Task released, TimeSpan left, CancellationToken cancellationToken) =>
        await released.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
