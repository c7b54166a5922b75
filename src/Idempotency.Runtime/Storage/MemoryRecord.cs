using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Idempotency.Keys;

namespace Idempotency.Storage;

/// <summary>
/// One key's record. What changes is used under the lock of the shard that the record is in, with three exceptions: <see cref="TryRecall"/>,
/// the fingerprint of a record that was recalled, and the link to the next. Times are the store's monotonic ticks.
/// </summary>
/// <remarks>
/// It is small because a store keeps a million of them. An outcome is published once, by the last write, and never changed after
/// that: an expired record is replaced and not used again. So its readers need no lock.
/// </remarks>
internal sealed partial class MemoryRecord
{
    /// <summary>When a record without an end expires.</summary>
    public const long Never = long.MaxValue;

    private readonly byte[] _arguments;

    // A MemoryClaim where more has to be remembered than the fields here hold. Else the outcome, or nothing yet: the claim is known by
    // its fence alone.
    private object? _content;
    private long _startedAt;
    private long _until = Never; // the end of the lease while in progress, and of the record when it can expire
    private volatile RecordState _state = RecordState.Released;

    public MemoryRecord(in MemoryKey key)
    {
        Space = key.Space;
        Hash = key.Hash;
        _arguments = key.Arguments.ToArray();
    }

    public KeySpace Space { get; }

    public int Hash { get; }

    /// <summary>The next record of the same bucket.</summary>
    public MemoryRecord? Next { get; set; }

    public long Version { get; private set; }

    public long Fence { get; private set; }

    public int Attempt { get; private set; }

    public long ExpiresAt => IsOpen ? Never : _until;

    /// <summary>What the last claim was granted for; empty when all arguments are in the key.</summary>
    public byte[] Fingerprint { get; private set; } = [];

    /// <summary>The key, made anew: a record keeps of it what it needs to be found.</summary>
    public IdempotencyKey Key => new(Space, [.. Space.Header, .. _arguments]);

    private bool IsOpen => _state is RecordState.InProgress or RecordState.InDoubt;

    private bool HasEnded => _state is RecordState.Completed or RecordState.Failed;

    private MemoryClaim? Noted => _content as MemoryClaim;

    private OwnerToken Token => Noted?.Token ?? OwnerOf(Fence).Token;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOf(KeySpace space, ReadOnlySpan<byte> arguments) => arguments.SequenceEqual(_arguments) && Space.IsSameAs(space);

    public bool IsExpired(long now) => ExpiresAt <= now;

    /// <summary>The outcome, without the lock, as <see cref="Kept"/> made it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRecall(MemoryClock clock, out object? outcome)
    {
        outcome = null;
        if (!HasEnded || _until <= clock.Now)
        {
            return false;
        }

        outcome = OutcomeIn(Volatile.Read(ref _content));
        return true;
    }

    /// <summary>Whether it was claimed with these arguments beside its key. In the same time whatever they are.</summary>
    public bool HasFingerprint(ReadOnlySpan<byte> fingerprint) =>
        fingerprint.IsEmpty ? Fingerprint.Length == 0 : CryptographicOperations.FixedTimeEquals(Fingerprint, fingerprint);

    public OperationRecord Describe(MemoryClock clock) => new()
    {
        Key = Key,
        State = _state,
        Version = Version,
        Fence = Fence,
        Attempt = Attempt,
        Fingerprint = Fingerprint,
        StartedAt = clock.ToUtc(_startedAt),
        LeaseUntil = _state == RecordState.InProgress ? clock.ToUtc(_until) : null,
        ExpiresAt = ExpiresAt == Never ? null : clock.ToUtc(ExpiresAt),
        Outcome = HasEnded ? Outcome() : null,
    };

    /// <summary>What a waiter waits for, and for how long at most; <see langword="null"/> when there is nothing to wait for.</summary>
    public (Task Changed, TimeSpan Longest)? Watch(long version, long now) =>
        Version == version && IsClaimed(now) ? (Note().Changed, TimeSpan.FromTicks(_until - now)) : null;

    /// <summary>Those who wait for this claim and stop no later than at <paramref name="until"/>; <see langword="null"/> when there is nothing to wait for.</summary>
    public MemoryWaiters? Join(MemoryTable table, ReadOnlySpan<byte> fingerprint, long until, long now, out bool isFirst)
    {
        isFirst = false;
        if (!IsClaimed(now) || until <= now || !HasFingerprint(fingerprint))
        {
            return null;
        }

        var noted = Note();
        var others = MemoryWaiters.StillWaiting(noted.Waiters);
        isFirst = others is null || others.Until > until;
        return noted.Waiters = isFirst ? new MemoryWaiters(table, this, until, others) : others;
    }

    /// <summary>For how long waiters have something to wait for; <see langword="null"/> when they have not.</summary>
    public TimeSpan? LeftFor(MemoryWaiters waiters, long now) =>
        IsClaimed(now) && now < waiters.Until ? TimeSpan.FromTicks(Math.Min(_until, waiters.Until) - now) : null;

    /// <summary>An outcome as a record keeps it: a result that is kept as the object it is needs nothing around it.</summary>
    public static object? Kept(StoredOutcome outcome) =>
        outcome is { HasValue: true, Value: not (StoredOutcome or MemoryClaim) } ? outcome.Value : outcome;

    /// <summary>The reverse of <see cref="Kept"/>.</summary>
    public static StoredOutcome OutcomeOf(object? kept) => kept as StoredOutcome ?? StoredOutcome.OfValue(kept);

    private static object? OutcomeIn(object? content) => content is MemoryClaim claim ? claim.Outcome : content;

    /// <summary>Who a caller is to whom <see cref="Begin"/> gave a key: in one store no two grants have the same fence.</summary>
    public static Ownership OwnerOf(long fence) => new(new OwnerToken(ulong.MaxValue, (ulong)fence), fence);

    private bool IsClaimed(long now) => _state == RecordState.InProgress && now < _until;

    private StoredOutcome Outcome() => OutcomeOf(OutcomeIn(_content));

    private MemoryClaim Note()
    {
        if (_content is MemoryClaim noted)
        {
            return noted;
        }

        var made = new MemoryClaim(OwnerOf(Fence).Token) { Outcome = _content };
        Volatile.Write(ref _content, made); // readers without the lock find the same outcome in it
        return made;
    }
}
