namespace Idempotency.Storage.Files;

/// <summary>A record as the index keeps it, packed.</summary>
internal struct RecordEntry
{
    public KeyHash Key;
    public OwnerToken Token;
    public ulong Process;
    public long Version;
    public long Fence;
    public long Sequence;
    public long StartedAt;

    /// <summary>When it expires, or when the doubt was found: what expires is not in doubt.</summary>
    public long Until;

    /// <summary>Where the result is in memory, if it is. See <see cref="ResultCache"/>.</summary>
    public long ResultAt;

    /// <summary>The fingerprint's bytes, or with ended tokens an <see cref="Extra"/>; seldom anything.</summary>
    public object? More;

    public int Operation;
    public int PayloadSegment;
    public int PayloadOffset;
    public int PayloadLength;

    /// <summary>The length of the line; of an entry that is free, the number of the next free one.</summary>
    public int LineLength;
    public int Attempt;
    public RecordState State;
    public bool IsGivenUp;

    public readonly bool IsExpiring => State is not (RecordState.InProgress or RecordState.InDoubt);

    public void Set(OwnerToken[] dead, byte[] fingerprint) =>
        More = dead.Length > 0 ? new Extra(dead, fingerprint) : fingerprint.Length > 0 ? fingerprint : null;

    public void Pack(FileRecord record, int operation)
    {
        (Token, Process, Version, Fence, Sequence) = (record.Token, record.Process.Value, record.Version, record.Fence, record.Sequence);
        (StartedAt, Until, Operation) = (record.StartedAt, record.State == RecordState.InDoubt ? record.DoubtSince : record.ExpiresAt, operation);
        (PayloadSegment, PayloadOffset, PayloadLength) = (record.PayloadAt.Segment, record.PayloadAt.Offset, record.PayloadLength);
        (LineLength, Attempt, State, IsGivenUp, ResultAt) = (record.LineLength, record.Attempt, record.State, record.IsGivenUp, record.ResultAt);
        Set(record.Dead, record.Fingerprint);
    }

    public readonly FileRecord Unpack(OperationNames operations)
    {
        var extra = More as Extra;
        return new FileRecord
        {
            Key = Key,
            Operation = operations.NameOf(Operation),
            State = State,
            IsGivenUp = IsGivenUp,
            Attempt = Attempt,
            Version = Version,
            Fence = Fence,
            Token = Token,
            Process = new ProcessId(Process),
            StartedAt = StartedAt,
            ExpiresAt = IsExpiring ? Until : FileRecord.Never,
            DoubtSince = State == RecordState.InDoubt ? Until : 0,
            Dead = extra?.Dead ?? [],
            Fingerprint = extra?.Fingerprint ?? More as byte[] ?? [],
            Sequence = Sequence,
            PayloadAt = new LogPosition(PayloadSegment, PayloadOffset),
            PayloadLength = PayloadLength,
            LineLength = LineLength,
            ResultAt = ResultAt,
        };
    }

    private sealed record Extra(OwnerToken[] Dead, byte[] Fingerprint);
}
