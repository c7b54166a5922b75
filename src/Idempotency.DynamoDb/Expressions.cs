namespace Idempotency.DynamoDb;

/// <summary>
/// All that is ever asked of the table, as text. Names and values come in only through <c>#</c> and <c>:</c>. A condition and its
/// update are one atomic step.
/// </summary>
internal static class Expressions
{
    private const string Absent = "attribute_not_exists(#operation)";
    private const string Unchanged = "#version = :seen";
    private const string Owned = "#token = :token AND #fence = :fence AND #status IN (:inProgress, :inDoubt)";

    private const string Grant =
        "SET #format = :format, #status = :inProgress, #version = :next, #fence = :next, #attempt = :attempt, #token = :token, #ended = :ended, "
        + "#fingerprint = :fingerprint, #lease = :lease, #leaseVersion = :next, #startedAt = :now REMOVE #result, #doubtSince, #expiresAt, #expiration, #resolver";

    private const string Extend = "SET #status = :inProgress, #lease = :lease, #leaseVersion = #version + :one, #version = #version + :one REMOVE #doubtSince";
    private const string Doubt = "SET #status = :inDoubt, #doubtSince = :now, #version = #version + :one REMOVE #lease, #leaseVersion";
    private const string Ending = "#expiresAt = :expiresAt, #expiration = :expiration, #version = #version + :one";
    private const string Finish = "SET #status = :ended_as, #result = :result, " + Ending;
    private const string Free = "SET #status = :released, " + Ending;
    private const string Closed = " REMOVE #lease, #leaseVersion, #doubtSince";

    private const string Tombstone =
        "SET #format = :format, #status = :released, #version = :next, #fence = :zero, #attempt = :zero, #token = :token, #ended = :ended, "
        + "#fingerprint = :fingerprint, #startedAt = :now, #expiresAt = :expiresAt, #expiration = :expiration REMOVE #result, #lease, #leaseVersion, #doubtSince, #resolver";

    /// <summary>A claim of a key that has no record.</summary>
    public static Command Claim { get; } = new(Grant, Absent);

    /// <summary>A claim of a key whose record is over, free, or its owner's no more.</summary>
    public static Command ClaimAgain { get; } = new(Grant, Unchanged);

    /// <summary>A claim that is repeated.</summary>
    public static Command RepeatClaim { get; } = new(Extend, Unchanged);

    /// <summary>A lease that is over under <see cref="OnCrash.Hold"/>.</summary>
    public static Command FindDoubt { get; } = new(Doubt, Unchanged);

    public static Command Renew { get; } = new(Extend, Owned);

    public static Command Complete { get; } = new(Finish + Closed, Owned);

    public static Command Release { get; } = new(Free + Closed, Owned);

    /// <summary>An operator's outcome, in the owner's place: the owner's own must not count as a repetition of it.</summary>
    public static Command Resolve { get; } = new(Finish + ", #resolver = :resolver, #token = :resolver, #ended = :ended" + Closed, Unchanged);

    /// <summary>An operator frees the key, as its owner would have.</summary>
    public static Command ResolveFree { get; } = new(Free + ", #resolver = :resolver" + Closed, Unchanged);

    public static Command AbandonOwned { get; } = new(Free + Closed, Unchanged);

    /// <summary>Ends a token of a record that stays as it is.</summary>
    public static Command EndToken { get; } = new("SET #ended = :ended, #version = #version + :one", Unchanged);

    /// <summary>Ends a token of a free key, whose record then has to remain for longer.</summary>
    public static Command EndTokenOfFree { get; } = new("SET #ended = :ended, " + Ending, Unchanged);

    /// <summary>Ends a token of a key that has no record.</summary>
    public static Command Bury { get; } = new(Tombstone, Absent);

    /// <summary>Ends a token of a key whose record is over.</summary>
    public static Command BuryAgain { get; } = new(Tombstone, Unchanged);

    /// <summary>What a waiter has to know.</summary>
    public static string Glance => "#status, #version, #fence, #lease, #leaseVersion";
}
