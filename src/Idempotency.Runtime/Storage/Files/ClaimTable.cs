using System.Security.Cryptography;
using Idempotency.Keys;

namespace Idempotency.Storage.Files;

/// <summary>
/// The store contract's table for one step under the log's lock: what a record becomes, and what is answered. The lease of a claim is
/// its owner's life, so that no clock decides who owns a key.
/// </summary>
internal sealed class ClaimTable(SharedLog log, Liveness liveness, TimeProvider time, TimeSpan tombstone, int capacity)
{
    private long _sweptAt;

    /// <summary>The moment of the step, by the wall clock: retention goes on while nobody runs.</summary>
    public long Now => time.GetUtcNow().UtcTicks;

    /// <summary>The key's record, unless it has expired.</summary>
    public FileRecord? Find(in KeyHash key) => log.Index.Find(key) is { } record && !record.IsExpired(Now) ? record : null;

    /// <summary>The answer to a claim of a key that has ended, or that this token may not claim; needs no lock.</summary>
    public static Claim? AnswerEnded(FileRecord record, in ClaimRequest request, ReadOnlyMemory<byte>? result)
    {
        if (record.IsDead(request.Token))
        {
            return Storage.Claim.Stale;
        }

        if (record.State == RecordState.Released)
        {
            return null;
        }

        if (!CryptographicOperations.FixedTimeEquals(record.Fingerprint, request.Fingerprint.Span))
        {
            return Storage.Claim.Mismatch;
        }

        return record.IsEnded && result is { } known
            ? new Storage.Claim.Finished(new StoredOutcome(record.State == RecordState.Failed, known))
            : null;
    }

    public Claim Claim(IdempotencyKey key, KeyHash hash, in ClaimRequest request, ref FileRecord? record)
    {
        if (record is not null && AnswerEnded(record, request, record.IsEnded ? log.PayloadOf(record) : default) is { } answer)
        {
            return answer;
        }

        if (record is null or { State: RecordState.Released })
        {
            return Grant(key, hash, request, ref record, takenOver: false);
        }

        if (record.Token == request.Token)
        {
            Own(ref record, isGivenUp: request.Lease <= TimeSpan.Zero);
            return new Storage.Claim.Acquired(record.Fence, record.Attempt, TakenOver: false);
        }

        if (record.State == RecordState.InProgress && !IsLeaseOver(record))
        {
            // Its end is not known beforehand: a lease more is as good a guess as any.
            return new Storage.Claim.Busy(record.Attempt, request.Lease, record.Version);
        }

        if (record.State == RecordState.InProgress && request.OnCrash == OnCrash.Retry)
        {
            return Grant(key, hash, request, ref record, takenOver: true);
        }

        if (record.State == RecordState.InProgress)
        {
            record = Change(record with { State = RecordState.InDoubt, DoubtSince = Now });
        }

        return new Storage.Claim.InDoubt(record.Attempt, Utc(record.DoubtSince));
    }

    public OwnerAnswer Renew(Ownership owner, TimeSpan lease, ref FileRecord? record)
    {
        if (record is not { IsOpen: true } || !record.IsMine(owner))
        {
            return OwnerAnswer.Fenced;
        }

        Own(ref record, isGivenUp: lease <= TimeSpan.Zero);
        return OwnerAnswer.Accepted;
    }

    public OwnerAnswer Complete(Ownership owner, StoredOutcome outcome, TimeSpan retention, ref FileRecord? record)
    {
        var state = outcome.IsFailure ? RecordState.Failed : RecordState.Completed;
        if (record is not { IsOpen: true } || !record.IsMine(owner))
        {
            return record?.State == state && record.IsMine(owner) ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
        }

        record = Finish(record, outcome, retention);
        return OwnerAnswer.Accepted;
    }

    public OwnerAnswer Release(Ownership owner, ref FileRecord? record)
    {
        if (record is { IsOpen: true } && record.IsMine(owner))
        {
            record = Free(record);
            return OwnerAnswer.Accepted;
        }

        var repeated = record is not null && ((record.State == RecordState.Released && record.IsMine(owner)) || record.IsDead(owner.Token));
        return repeated ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    public void Abandon(IdempotencyKey key, KeyHash hash, OwnerToken token, ref FileRecord? record)
    {
        if (record is { IsOpen: true } && record.Token == token)
        {
            record = Free(record);
        }
        else if (record is null or { State: RecordState.Released } || !record.IsDead(token))
        {
            record ??= new FileRecord { Key = hash, Operation = key.Operation };
            record = record with { Dead = record.DeadAnd(token) };
            // An outcome keeps its version: nothing that anybody decides by has changed.
            record = record.State == RecordState.Released
                ? Change(record with { ExpiresAt = After(tombstone) })
                : log.Append(record, record.IsEnded ? log.PayloadOf(record) : default);
        }
    }

    public bool Resolve(long version, StoredOutcome? outcome, TimeSpan retention, ref FileRecord? record)
    {
        if (record?.Version != version || !(record.State == RecordState.InDoubt || (record.State == RecordState.InProgress && IsLeaseOver(record))))
        {
            return false;
        }

        record = outcome is null
            ? Free(record)
            // The owner's own late completion must not count as a repetition of this one.
            : Finish(record with { Dead = record.DeadAnd(record.Token), Token = default }, outcome, retention);
        return true;
    }

    public OperationRecord Describe(IdempotencyKey key, FileRecord record) => new()
    {
        Key = key,
        State = record.State,
        Version = record.Version,
        Fence = record.Fence,
        Attempt = record.Attempt,
        Fingerprint = record.Fingerprint,
        StartedAt = Utc(record.StartedAt),
        LeaseUntil = record.State == RecordState.InProgress && IsLeaseOver(record) ? time.GetUtcNow() : null,
        ExpiresAt = record.ExpiresAt == FileRecord.Never ? null : Utc(record.ExpiresAt),
        Outcome = record.IsEnded ? new StoredOutcome(record.State == RecordState.Failed, log.PayloadOf(record)) : null,
    };

    /// <summary>Whether the owner of a record in progress has ended, or has given it up.</summary>
    public bool IsLeaseOver(FileRecord record) => record.IsGivenUp || !liveness.IsAlive(record.Process);

    private Storage.Claim.Acquired Grant(IdempotencyKey key, KeyHash hash, in ClaimRequest request, ref FileRecord? record, bool takenOver)
    {
        if (record is null && !HasPlace(hash))
        {
            throw new StoreFullException(key.Operation, key.Text, capacity);
        }

        log.ReserveRoom();
        var version = log.NextSequence;
        record = log.Append(
            new FileRecord
            {
                Key = hash,
                Operation = key.Operation,
                State = RecordState.InProgress,
                IsGivenUp = request.Lease <= TimeSpan.Zero,
                Attempt = (record?.Attempt ?? 0) + 1,
                Version = version,
                Fence = version,
                Token = request.Token,
                Process = liveness.Own,
                StartedAt = Now,
                Dead = record is null ? [] : takenOver ? record.DeadAnd(record.Token) : record.Dead,
                Fingerprint = request.Fingerprint.ToArray(),
            },
            default);
        return new Storage.Claim.Acquired(version, record.Attempt, takenOver);
    }

    /// <summary>Whether there is a place for one key more, if need be that of an expired one.</summary>
    private bool HasPlace(KeyHash key)
    {
        var now = Now;
        if (log.Index.Count >= capacity && log.Index.Find(key) is null && Math.Abs(now - _sweptAt) >= TimeSpan.TicksPerSecond)
        {
            _sweptAt = now; // not for every caller that is refused
            log.Sweep(0, RecordIndex.Tables, now);
        }

        return log.Index.Count < capacity || log.Index.Find(key) is not null;
    }

    /// <summary>In progress by its owner, who is here. Only what others would see differently is written.</summary>
    private void Own(ref FileRecord record, bool isGivenUp)
    {
        if (record.State != RecordState.InProgress || record.IsGivenUp != isGivenUp || record.Process != liveness.Own)
        {
            record = Change(record with { State = RecordState.InProgress, IsGivenUp = isGivenUp, Process = liveness.Own });
        }
    }

    private FileRecord Finish(FileRecord record, StoredOutcome outcome, TimeSpan retention) => Change(
        record with { State = outcome.IsFailure ? RecordState.Failed : RecordState.Completed, ExpiresAt = After(retention) }, outcome.Payload);

    private FileRecord Free(FileRecord record) => Change(
        record with { State = RecordState.Released, Dead = record.DeadAnd(record.Token), ExpiresAt = After(tombstone) });

    private FileRecord Change(FileRecord record, ReadOnlyMemory<byte> payload = default) =>
        log.Append(record with { Version = log.NextSequence }, payload);

    private long After(TimeSpan duration)
    {
        var now = Now;
        return duration.Ticks > DateTime.MaxValue.Ticks - now ? FileRecord.Never - 1 : now + duration.Ticks;
    }

    private static DateTimeOffset Utc(long ticks) => ticks > DateTime.MaxValue.Ticks ? DateTimeOffset.MaxValue : new DateTimeOffset(ticks, TimeSpan.Zero);
}
