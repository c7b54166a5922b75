using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>The connection: made when it is first needed, and looked at again whenever it was restored or has found other servers.</summary>
internal sealed class RedisLink(RedisConnector connector, RedisNames names, int? database, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<Opened>? _opening;
    private volatile IConnectionMultiplexer? _connection; // kept when looking at it fails: it restores itself, and another one would stay beside it
    private volatile Opened? _opened;
    private bool _isDisposed;

    /// <summary>Where the servers are, for messages.</summary>
    public string Servers => _connection is { } connection ? RedisFailure.Name(connection.GetEndPoints()) : "the configured address";

    public ValueTask<Opened> OpenAsync() => _opened is { } opened ? new ValueTask<Opened>(opened) : new ValueTask<Opened>(OpenOnceAsync());

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _opened = null;
        }

        if (_connection is { } connection)
        {
            connection.ConnectionRestored -= LookAgain;
            connection.ConfigurationChanged -= LookAgain;
            if (connector.IsOwned)
            {
                await connection.CloseAsync().ConfigureAwait(false);
                (connection as IDisposable)?.Dispose(); // the interface's own member has come and gone between versions of the client
            }
        }
    }

    private Task<Opened> OpenOnceAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));
            if (_opening is null || (_opening.IsCompleted && _opened is null))
            {
                _opening = ConnectAndLookAsync();
            }

            return _opening;
        }
    }

    private async Task<Opened> ConnectAndLookAsync()
    {
        var connection = _connection ?? await ConnectAsync().ConfigureAwait(false);
        var servers = RedisFailure.Name(connection.GetEndPoints());
        var records = connection.GetDatabase(database ?? -1);
        var facts = RedisFacts.Unknown;
        try
        {
            facts = await RedisFacts.AskAsync(records, names).ConfigureAwait(false);
        }
        catch (RedisServerException denied) when (RedisFailure.IsForGood(denied))
        {
            // A user without the right to ask, or a server that does not know the question; what is asked of it next may well be answered.
            // Not one that is loading or busy: what it says when it is ready decides what it may be trusted with.
            logger.SaysNothing(servers, denied);
        }

        if (facts.EvictionPolicy is { } policy)
        {
            logger.Evicts(servers, policy);
        }

        return _opened = new Opened(connection, records, facts, servers);
    }

    private async Task<IConnectionMultiplexer> ConnectAsync()
    {
        var connection = await connector.ConnectAsync().ConfigureAwait(false);
        connection.ConnectionRestored += LookAgain;
        connection.ConfigurationChanged += LookAgain;
        return _connection = connection;
    }

    private void LookAgain(object? sender, EventArgs e) => _opened = null;

    /// <summary>A connection that was looked at.</summary>
    internal sealed record Opened(IConnectionMultiplexer Connection, IDatabase Database, RedisFacts Facts, string Servers);
}
