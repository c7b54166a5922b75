using System.Text;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>Where a store's connection comes from, and whether it is the store's to close.</summary>
/// <param name="ConnectAsync">Gives the connection, or makes it.</param>
/// <param name="Servers">The addresses that it is given or made with, for messages.</param>
/// <param name="IsOwned">Whether the store closes it.</param>
internal sealed record RedisConnector(Func<Task<IConnectionMultiplexer>> ConnectAsync, string Servers, bool IsOwned)
{
    public static RedisConnector Given(IConnectionMultiplexer connection) =>
        new(() => Task.FromResult(connection), RedisFailure.Name(connection.GetEndPoints()), IsOwned: false);

    /// <exception cref="ArgumentException">The configuration is empty, names no server, or cannot be read.</exception>
    public static RedisConnector To(string configuration)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        var options = ConfigurationOptions.Parse(configuration);
        if (options.EndPoints.Count == 0)
        {
            throw new ArgumentException("The configuration names no server. Begin it with an address such as 'localhost:6379'.", nameof(configuration));
        }

        var servers = RedisFailure.Name(options.EndPoints);
        return new RedisConnector(() => ConnectToAsync(options, servers), servers, IsOwned: true);
    }

    private static async Task<IConnectionMultiplexer> ConnectToAsync(ConfigurationOptions options, string servers)
    {
        using var log = new DenialLog();
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options, log).ConfigureAwait(false);
        }
        catch (RedisConnectionException failure) when (log.HasDenial && options.EndPoints.Count == 1)
        {
            // The client tries several times and tells how the last one ended, which may be that the server had closed the connection
            // to somebody it had just refused. Of several servers another one, that could not be reached, may not refuse.
            throw RedisFailure.Denied(failure, servers);
        }
    }

    /// <summary>Hears whether a server denied the client while it connected. Answers write to it from any thread, and late ones do after that.</summary>
    private sealed class DenialLog : TextWriter
    {
        private volatile bool _hasDenial;

        public bool HasDenial => _hasDenial;

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            if (value is not null && RedisFailure.IsUnauthenticated(value))
            {
                _hasDenial = true;
            }
        }
    }
}
