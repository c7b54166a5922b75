using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>The connection: made when it is first needed, and looked at again whenever it was restored or has found other servers.</summary>
internal sealed class RedisLink(RedisConnector connector, RedisNames names, int? database, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connecting;
    private Task<Opened>? _looking;
    private volatile Opened? _opened;
    private int _changes;
    private string? _warned;
    private bool _isDisposed;

    /// <summary>Where the servers are, for messages.</summary>
    public string Servers => _opened?.Servers ?? connector.Servers;

    public ValueTask<Opened> OpenAsync() => _opened is { } opened ? new ValueTask<Opened>(opened) : new ValueTask<Opened>(OpenOnceAsync());

    public async ValueTask DisposeAsync()
    {
        Task<IConnectionMultiplexer>? connecting;
        lock (_gate)
        {
            _isDisposed = true;
            _opened = null;
            connecting = _connecting;
        }

        if (connecting is { IsCompleted: false })
        {
            _ = CloseAsync(connecting); // when it is made, which may take as long as the client waits for servers
        }
        else if (connecting is not null)
        {
            await CloseAsync(connecting).ConfigureAwait(false);
        }
    }

    private Task<Opened> OpenOnceAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));
            if (_looking is null || (_looking.IsCompleted && _opened is null))
            {
                _looking = LookAsync();
            }

            return _looking;
        }
    }

    /// <summary>Looks at the one connection there is: it restores itself, so another is made only when this one could not be.</summary>
    private async Task<Opened> LookAsync()
    {
        Task<IConnectionMultiplexer> connecting;
        int changes;
        lock (_gate)
        {
            connecting = _connecting = _connecting is null or { IsFaulted: true } ? ConnectAsync() : _connecting;
            changes = _changes;
        }

        var connection = await connecting.ConfigureAwait(false);
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

        if (facts.EvictionPolicy is { } policy && Interlocked.Exchange(ref _warned, policy) != policy)
        {
            logger.Evicts(servers, policy);
        }

        var opened = new Opened(connection, records, facts, servers);
        lock (_gate)
        {
            _opened = _isDisposed || changes != _changes ? null : opened; // servers that have changed meanwhile are looked at again
        }

        return opened;
    }

    private async Task<IConnectionMultiplexer> ConnectAsync()
    {
        var connection = await connector.ConnectAsync().ConfigureAwait(false);
        connection.ConnectionRestored += LookAgain;
        connection.ConfigurationChanged += LookAgain;
        return connection;
    }

    private async Task CloseAsync(Task<IConnectionMultiplexer> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!connecting.IsCompletedSuccessfully)
        {
            return; // there is none
        }

        var connection = await connecting.ConfigureAwait(false);
        connection.ConnectionRestored -= LookAgain;
        connection.ConfigurationChanged -= LookAgain;
        if (connector.IsOwned)
        {
            await connection.CloseAsync().ConfigureAwait(false);
            (connection as IDisposable)?.Dispose(); // the interface's own member has come and gone between versions of the client
        }
    }

    private void LookAgain(object? sender, EventArgs e)
    {
        lock (_gate)
        {
            _changes++;
            _opened = null;
        }
    }

    /// <summary>A connection that was looked at.</summary>
    internal sealed record Opened(IConnectionMultiplexer Connection, IDatabase Database, RedisFacts Facts, string Servers);
}
