using System.Data;
using System.Text.RegularExpressions;
using Idempotency.PostgreSql;

namespace Idempotency;

/// <summary>Where a <see cref="PostgreSqlStore"/> keeps its records, how long it waits, and what the way to the server allows.</summary>
public sealed partial class PostgreSqlStoreOptions
{
    /// <summary>
    /// The schema of the table; <c>idempotency</c> by default. A lower-case letter or underscore and up to 62 more of these and digits.
    /// </summary>
    public string Schema { get; set; } = "idempotency";

    /// <summary>The table; <c>records</c> by default. The same characters as <see cref="Schema"/>. Stores with the same table share their keys.</summary>
    public string Table { get; set; } = "records";

    /// <summary>
    /// How long a step may take, the opening of its connection included; 5 seconds by default, from 100 milliseconds to 1 minute.
    /// Whether a step that takes longer was applied is unknown; the guard finds out by repeating it. Keep it below a sixth of the
    /// shortest lease.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a freed key's record remains, so that late copies of ended calls change nothing; 10 minutes by default, from
    /// 1 millisecond to 1 day. The key can be claimed anew at once.
    /// </summary>
    public TimeSpan TombstoneRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often the records that callers wait for are looked at, all with one statement; 250 milliseconds by default, from
    /// 10 milliseconds to 10 seconds. With notifications it only matters when one is lost.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How often each process that uses the store removes records whose retention is over, a thousand at a time; 5 minutes by default, from
    /// 1 second to 1 day, or zero for never: then something else has to call <see cref="PostgreSqlStore.PurgeAsync"/>. Expired records count as absent, removed
    /// or not.
    /// </summary>
    public TimeSpan PurgeInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether waiters are woken by <c>LISTEN</c> and <c>NOTIFY</c>; so by default. It takes one connection as soon as somebody waits.
    /// Switch it off behind a pooler that gives a connection away after each transaction, such as PgBouncer in transaction mode.
    /// </summary>
    public bool UseNotifications { get; set; } = true;

    /// <summary>
    /// Whether statements are prepared, once for each connection; so by default, because the server then parses and plans them once.
    /// Switch it off behind a pooler that gives a connection away after each transaction and does not know prepared statements, such
    /// as PgBouncer in transaction mode before 1.21.
    /// </summary>
    public bool PrepareStatements { get; set; } = true;

    /// <summary>
    /// Whether claims under <see cref="OnCrash.Hold"/> are accepted although <c>synchronous_commit</c> is off; not by default. The
    /// server then acknowledges what it may lose when it crashes, and a lost claim is a body that runs twice.
    /// </summary>
    public bool AcceptAsynchronousCommit { get; set; }

    /// <summary>
    /// The isolation of the transactions that bodies are given which take one; <see cref="System.Data.IsolationLevel.ReadCommitted"/> by
    /// default, or <see cref="System.Data.IsolationLevel.RepeatableRead"/> or <see cref="System.Data.IsolationLevel.Serializable"/>. At the
    /// latter two the server refuses transactions that meet others, and the guard runs them again.
    /// </summary>
    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadCommitted;

    /// <summary>Changes the statements; tests see that every mistake in them is found.</summary>
    internal Func<Sql, Sql> Statements { get; set; } = static sql => sql;

    internal TableName Name => new(Schema, Table);

    internal PostgreSqlStoreOptions Copy() => (PostgreSqlStoreOptions)MemberwiseClone();

    /// <summary>What is wrong with these options, each as a sentence that names the option and its range.</summary>
    internal IEnumerable<string> Faults()
    {
        foreach (var (name, value) in new[] { (nameof(Schema), Schema), (nameof(Table), Table) })
        {
            if (value is null || !Identifier().IsMatch(value))
            {
                yield return $"{nameof(PostgreSqlStoreOptions)}.{name} is '{value}'; it must be a lower-case letter or underscore, followed by up to 62 of these and digits.";
            }
        }

        if (IsolationLevel is not (IsolationLevel.ReadCommitted or IsolationLevel.RepeatableRead or IsolationLevel.Serializable))
        {
            yield return $"{nameof(PostgreSqlStoreOptions)}.{nameof(IsolationLevel)} is {IsolationLevel}; it must be ReadCommitted, RepeatableRead or Serializable.";
        }

        foreach (var (name, value, least, most) in new[]
        {
            (nameof(CommandTimeout), CommandTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            (nameof(TombstoneRetention), TombstoneRetention, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            (nameof(PollInterval), PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10)),
            (nameof(PurgeInterval), PurgeInterval == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : PurgeInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{nameof(PostgreSqlStoreOptions)}.{name} is {value}; it must be from {least} to {most}.";
            }
        }
    }

    [GeneratedRegex(@"\A[a-z_][a-z0-9_]{0,62}\z")]
    private static partial Regex Identifier();
}
