namespace Idempotency.DynamoDb;

/// <summary>The names of an item's attributes. They are part of the stored format.</summary>
internal static class Attributes
{
    /// <summary>Partition key, text: the operation's stable name.</summary>
    public const string Operation = "operation";

    /// <summary>Sort key, text: 64 hexadecimal digits.</summary>
    public const string Key = "key";

    /// <summary>Number: the format of the record.</summary>
    public const string Format = "format";

    /// <summary>Text: where the record stands.</summary>
    public const string Status = "status";

    /// <summary>Number: grows with every change.</summary>
    public const string Version = "version";

    /// <summary>Number: the fence of the last grant.</summary>
    public const string Fence = "fence";

    /// <summary>Number: the last attempt.</summary>
    public const string Attempt = "attempt";

    /// <summary>Text: the token of the last owner, or of whoever gave it an outcome in the owner's place, or abandoned it.</summary>
    public const string Token = "token";

    /// <summary>Text: the last ended tokens, with spaces between; of a free record also the one before, if that has freed it.</summary>
    public const string Ended = "ended";

    /// <summary>Text: the token of the operator who resolved it; only then.</summary>
    public const string Resolver = "resolver";

    /// <summary>Binary: the fingerprint.</summary>
    public const string Fingerprint = "fingerprint";

    /// <summary>Number: the length of the lease in ticks; only in progress.</summary>
    public const string Lease = "lease";

    /// <summary>Number: the version with which the lease began or was renewed; only in progress. What bystanders change leaves it as it is.</summary>
    public const string LeaseVersion = "leaseVersion";

    /// <summary>Number: ticks in UTC.</summary>
    public const string StartedAt = "startedAt";

    /// <summary>Number: ticks in UTC; only in doubt.</summary>
    public const string DoubtSince = "doubtSince";

    /// <summary>Number: ticks in UTC, when the record is over; only when it has ended.</summary>
    public const string ExpiresAt = "expiresAt";

    /// <summary>Number: seconds since 1970, when DynamoDB may delete the item; only when it has ended.</summary>
    public const string Expiration = "expiration";

    /// <summary>Binary: the outcome, as the guard wrote it.</summary>
    public const string Result = "result";
}
