using Idempotency.Keys;
using Idempotency.PostgreSql;
using Idempotency.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Idempotency;

/// <summary>Remembers keys in a table of PostgreSQL, which any number of machines share.</summary>
/// <remarks>
/// <para>
/// Every step is one statement of its own, outside of any transaction of the application, and all moments are the server's. A call
/// that is new takes two round trips, one before and one after its body, or a third while most calls are duplicates; a duplicate takes one,
/// and writes nothing.
/// </para>
/// <para>
/// The table is not made by itself: see <see cref="EnsureCreatedAsync"/> and <see cref="CreateScript"/>. What is promised in a crash and in a
/// fail-over, what it needs and what it costs is in <c>docs/postgresql.md</c>. All members are safe to use from any thread.
/// </para>
/// </remarks>
public sealed partial class PostgreSqlStore : IIdempotencyStore, IAsyncDisposable, IDisposable
{
    /// <summary>For what is done once, when an application is deployed, and may have to wait for others who do the same.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly NpgsqlDataSource _source;
    private readonly bool _isOwnSource;
    private readonly PostgreSqlRecords _records;
    private readonly Connections _connections;
    private readonly Schema _schema;
    private readonly Waiting _waiting;
    private readonly Purging _purging;
    private readonly TimeSpan _limit;
    private readonly ILogger _logger;
    private int _hasWarned;

    /// <summary>A store with a pool of its own, which is disposed with it. Nothing is opened yet.</summary>
    /// <param name="connectionString">Of Npgsql.</param>
    /// <param name="options">The defaults when absent. Changing them later changes nothing.</param>
    /// <param name="timeProvider">Tells how long a step has taken; the system's when absent. Leases and retentions are counted by the server.</param>
    /// <param name="loggerFactory">Where warnings go; nowhere when absent.</param>
    /// <exception cref="ArgumentException">The connection string is empty or not understood, or an option is out of its range.</exception>
    public PostgreSqlStore(
        string connectionString, PostgreSqlStoreOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
        : this(Open(connectionString), options, timeProvider, loggerFactory) => _isOwnSource = true;

    /// <summary>A store on the pool of a data source, which stays open when the store is disposed.</summary>
    /// <param name="dataSource">Leads to a primary.</param>
    /// <param name="options">The defaults when absent. Changing them later changes nothing.</param>
    /// <param name="timeProvider">Tells how long a step has taken; the system's when absent. Leases and retentions are counted by the server.</param>
    /// <param name="loggerFactory">Where warnings go; nowhere when absent.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PostgreSqlStore(
        NpgsqlDataSource dataSource, PostgreSqlStoreOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        options = (options ?? new PostgreSqlStoreOptions()).Copy();
        if (options.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        var time = timeProvider ?? TimeProvider.System;
        var address = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        var faults = new Faults($"{address.Host}:{address.Port}/{address.Database ?? address.Username}", options.Name);
        _source = dataSource;
        _limit = options.CommandTimeout;
        _time = time;
        _faults = faults;
        _isolation = options.IsolationLevel;
        _logger = (ILogger?)loggerFactory?.CreateLogger("Idempotency.PostgreSql") ?? NullLogger.Instance;
        _records = new PostgreSqlRecords(options.Statements(Sql.For(options.Name)), options);
        _schema = new Schema(options.Name, faults);
        _connections = new Connections(dataSource, _schema.CheckAsync, faults, time);
        var listener = options.UseNotifications ? new Listener(dataSource, options.Name.Channel, options.CommandTimeout, time) : null;
        _waiting = new Waiting(_records, _connections, listener, options, time);
        _purging = new Purging(PurgeAsync, options.PurgeInterval, time, _logger);
    }

    /// <summary>
    /// The SQL that makes the table where there is none, for those who do so by hand: what <see cref="EnsureCreatedAsync"/> does. It
    /// may be run again.
    /// </summary>
    /// <param name="options">Name the schema and the table; the defaults when absent.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static string CreateScript(PostgreSqlStoreOptions? options = null)
    {
        options ??= new PostgreSqlStoreOptions();
        return options.Faults().FirstOrDefault() is { } fault
            ? throw new ArgumentException(fault, nameof(options))
            : new Schema(options.Name, new Faults("", options.Name)).Script;
    }

    /// <summary>
    /// Makes the schema, the table, its sequence and its index, or what an older version's lack. Changes nothing when there is
    /// nothing to do, and then needs no right to create; many may call it at once. Waits for up to one minute.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The table is of a later version or of something else, or the role may not create it; the message says what to do.
    /// </exception>
    public async Task EnsureCreatedAsync(CancellationToken cancellationToken = default) =>
        await _connections.WithoutCheck.UseAsync(s_patience, _schema.EnsureCreatedAsync, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreRefusedException">The table is missing, the credentials are wrong, or the server may lose the claim; the message says what to do.</exception>
    /// <exception cref="InvalidOperationException">The server is a replica, as it may be during a fail-over; the message says what to do.</exception>
    /// <exception cref="TimeoutException">There was no answer; whether the claim was granted is unknown.</exception>
    public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        ClaimableKey.Require(key);
        ClaimAnswer answer;
        try
        {
            answer = await StepAsync((connection, stop) => _records.ClaimAsync(connection, key, request, stop), cancellationToken).ConfigureAwait(false);
        }
        catch (SetupException fault)
        {
            throw fault.Of(key); // with what to do
        }

        _purging.Begin();
        if (answer.IsAsync && Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            CommitsAreAsynchronous(_logger);
        }

        return answer.Claim;
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        StepAsync((connection, stop) => _records.RenewAsync(connection, key, owner, lease, stop), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return StepAsync((connection, stop) => _records.CompleteAsync(connection, key, owner, outcome, retention, stop), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        StepAsync((connection, stop) => _records.ReleaseAsync(connection, key, owner, stop), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken)
    {
        ClaimableKey.Require(key);
        await StepAsync((connection, stop) => _records.AbandonAsync(connection, key, token, stop), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">There is a record, but not one that this version can read or trust.</exception>
    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        StepAsync((connection, stop) => _records.GetAsync(connection, key, stop), cancellationToken);

    /// <inheritdoc/>
    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _waiting.JoinAsync(key, version, timeout, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        StepAsync((connection, stop) => _records.ResolveAsync(connection, key, version, outcome, retention, stop), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        return StepAsync((connection, stop) => _records.PurgeAsync(connection, max, stop), cancellationToken);
    }

    /// <summary>Lets waiters go and closes what the store has opened.</summary>
    public void Dispose()
    {
        _purging.Dispose();
        _waiting.Dispose();
        if (_isOwnSource)
        {
            _source.Dispose();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        _purging.Dispose();
        _waiting.Dispose();
        if (_isOwnSource)
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static NpgsqlDataSource Open(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return new NpgsqlDataSourceBuilder(connectionString).Build();
    }

    private ValueTask<TAnswer> StepAsync<TAnswer>(Func<NpgsqlConnection, CancellationToken, Task<TAnswer>> step, CancellationToken cancellationToken) =>
        _connections.UseAsync(_limit, step, cancellationToken);

    [LoggerMessage(1, LogLevel.Warning, "synchronous_commit is off for this store's sessions: a crash of the server may lose claims and outcomes that it has acknowledged, and their bodies may run again.")]
    private static partial void CommitsAreAsynchronous(ILogger logger);
}
