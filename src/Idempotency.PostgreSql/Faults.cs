using System.Net.Sockets;
using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>Says what is wrong with the server, the way to it or the table, and what to do. What the server says of a statement that may pass by itself is left as it is.</summary>
internal sealed class Faults(string server, TableName table)
{
    public static SetupException AsynchronousCommit() => new(
        "synchronous_commit is off, so the server may lose a claim that it has acknowledged, and under OnCrash.Hold no body may run twice. "
        + "Switch it on for this role or database (ALTER ROLE … SET synchronous_commit = on), or accept the loss with "
        + $"{nameof(PostgreSqlStoreOptions)}.{nameof(PostgreSqlStoreOptions.AcceptAsynchronousCommit)}.");

    public static InvalidOperationException Replica() => new(
        "The server is a replica or read-only, and only a primary knows who owns a key. Connect to the primary, for example with "
        + "'Target Session Attributes=primary' and the addresses of all servers.");

    public TimeoutException NoAnswer(TimeSpan limit) => new(
        $"PostgreSQL at {server} gave no answer within {limit.TotalSeconds:0.###} s; whether the step was applied is unknown. "
        + $"If this lasts, look for locks on {table}, for a server that hangs, or for a pool that is too small.");

    public SetupException NoTable(Exception? cause = null) => new(
        $"There is no table {table} in PostgreSQL at {server}. Call {nameof(PostgreSqlStore)}.{nameof(PostgreSqlStore.EnsureCreatedAsync)} "
        + $"when the application is deployed, or run the script that {nameof(PostgreSqlStore)}.{nameof(PostgreSqlStore.CreateScript)} returns.",
        cause);

    public SetupException Foreign() => new(
        $"{table} in PostgreSQL at {server} was not made by this store. Choose another {nameof(PostgreSqlStoreOptions.Table)} or "
        + $"{nameof(PostgreSqlStoreOptions.Schema)}.");

    public SetupException Newer(int found, int known) => new(
        $"{table} in PostgreSQL at {server} has schema {found}, and this version knows {known}. Deploy the version that made it.");

    public SetupException Older(int found, int needed) => new(
        $"{table} in PostgreSQL at {server} has schema {found}, and this version needs {needed}. Call {nameof(PostgreSqlStore)}."
        + $"{nameof(PostgreSqlStore.EnsureCreatedAsync)}, or run the script that {nameof(PostgreSqlStore)}.{nameof(PostgreSqlStore.CreateScript)} returns.");

    /// <summary>The failure with what to do about it; <see langword="null"/> when there is nothing to do but to try again.</summary>
    public Exception? Explain(Exception failure) => failure switch
    {
        PostgresException { SqlState: "42P01" or "3F000" } => NoTable(failure),
        PostgresException { SqlState: "42703" } => OfTable("does not have the columns of this version. Was it made by another store?", failure),
        PostgresException { SqlState: "42501" } => OfTable(
            $"is not open to this role. GRANT USAGE ON SCHEMA {table.Schema}, SELECT, INSERT, UPDATE, DELETE ON {table.Table} and USAGE ON SEQUENCE {table.Sequence} to it.",
            failure),
        PostgresException { SqlState: "25006" } => new InvalidOperationException(Replica().Message, failure),
        PostgresException { SqlState: "28P01" or "28000" } => OfServer("refuses the user or its password. Look at Username and Password in the connection string.", failure),
        PostgresException { SqlState: "3D000" } => OfServer("does not have the database. Create it, or look at Database in the connection string.", failure),
        PostgresException { SqlState: "26000" or "42P05" or "08P01" } pooled when IsAboutPrepared(pooled) => OfServer(
            "lost a prepared statement, as behind a pooler that gives connections away after each transaction. Set "
            + $"{nameof(PostgreSqlStoreOptions)}.{nameof(PostgreSqlStoreOptions.PrepareStatements)} and {nameof(PostgreSqlStoreOptions.UseNotifications)} to false.",
            failure),
        NpgsqlException { InnerException: SocketException socket } => new IOException(
            $"PostgreSQL at {server} cannot be reached: {socket.Message}. Look at Host and Port in the connection string, and whether the server runs.", failure),
        NpgsqlException { InnerException: IOException broken } => new IOException(
            $"The connection to PostgreSQL at {server} broke: {broken.Message} Whether the step was applied is unknown. If this lasts, look at the network, and at what "
            + "the server's log says of the end of its connections.",
            failure),
        _ => null,
    };

    /// <summary>One of them also says that messages are not understood, for any other reason.</summary>
    private static bool IsAboutPrepared(PostgresException failure) =>
        failure.SqlState != "08P01" || failure.MessageText.Contains("prepared statement", StringComparison.Ordinal);

    private SetupException OfTable(string what, Exception cause) => new($"{table} in PostgreSQL at {server} {what}", cause);

    private SetupException OfServer(string what, Exception cause) => new($"PostgreSQL at {server} {what}", cause);
}
