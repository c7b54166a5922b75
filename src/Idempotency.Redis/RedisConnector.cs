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
        return options.EndPoints.Count > 0
            ? new RedisConnector(
                async () => await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false), RedisFailure.Name(options.EndPoints), IsOwned: true)
            : throw new ArgumentException("The configuration names no server. Begin it with an address such as 'localhost:6379'.", nameof(configuration));
    }
}
