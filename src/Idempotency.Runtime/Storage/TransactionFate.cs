namespace Idempotency.Storage;

/// <summary>What is known of a transaction in which something was thrown.</summary>
public enum TransactionFate
{
    /// <summary>
    /// The database has not said what became of it, because the connection or the server was lost or no answer came in time. If
    /// the commit was under way, it may have been committed.
    /// </summary>
    Unknown,

    /// <summary>It is rolled back, or can only be: the database refused something in it, and would again.</summary>
    RolledBack,

    /// <summary>It is rolled back, or can only be, because it met another: all of it may be repeated and may then succeed.</summary>
    Conflict,
}
