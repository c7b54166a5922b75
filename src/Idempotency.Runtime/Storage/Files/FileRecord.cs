namespace Idempotency.Storage.Files;

/// <summary>
/// A key's record as it stands after one change: what a line of the log says. It never changes.
/// </summary>
internal sealed record FileRecord
{
    /// <summary><see cref="ExpiresAt"/> of a record that does not expire.</summary>
    public const long Never = long.MaxValue;

    /// <summary>How many ended tokens are remembered, the oldest forgotten first.</summary>
    public const int MaxDead = 8;

    public required KeyHash Key { get; init; }

    public required string Operation { get; init; }

    public RecordState State { get; init; } = RecordState.Released;

    /// <summary>Whether the owner has given up its claim while it lives, so that the crash policy decides.</summary>
    public bool IsGivenUp { get; init; }

    public int Attempt { get; init; }

    public long Version { get; init; }

    public long Fence { get; init; }

    public OwnerToken Token { get; init; }

    /// <summary>Whose life is the lease.</summary>
    public ProcessId Process { get; init; }

    /// <summary>Ticks of the wall clock, in UTC; so are all times here.</summary>
    public long StartedAt { get; init; }

    public long ExpiresAt { get; init; } = Never;

    /// <summary>When the doubt was found.</summary>
    public long DoubtSince { get; init; }

    public OwnerToken[] Dead { get; init; } = [];

    public byte[] Fingerprint { get; init; } = [];

    /// <summary>Where this line is among all lines of the store, from 1.</summary>
    public long Sequence { get; init; }

    public LogPosition PayloadAt { get; init; }

    public int PayloadLength { get; init; }

    /// <summary>How many bytes the line takes in the log.</summary>
    public int LineLength { get; init; }

    /// <summary>Where the outcome's bytes are in memory, if they are. See <see cref="ResultCache"/>.</summary>
    public long ResultAt { get; init; }

    public bool IsEnded => State is RecordState.Completed or RecordState.Failed;

    public bool IsOpen => State is RecordState.InProgress or RecordState.InDoubt;

    public bool IsExpired(long now) => ExpiresAt <= now;

    public bool IsMine(Ownership owner) => Token == owner.Token && Fence == owner.Fence;

    public bool IsDead(OwnerToken token) => Dead.AsSpan().Contains(token);

    public OwnerToken[] DeadAnd(OwnerToken token) =>
        IsDead(token) ? Dead : [.. Dead.AsSpan(Dead.Length < MaxDead ? 0 : 1), token];
}
