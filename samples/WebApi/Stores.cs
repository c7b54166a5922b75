using Idempotency;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WebApi;

/// <summary>The stores that can be chosen.</summary>
public static class Stores
{
    /// <summary>Their names.</summary>
    public static readonly string[] Names = ["memory", "file", "redis", "postgres"];

    /// <summary>Lets the guard use the one that the command line names. In an application of yours one of these lines is all that you write.</summary>
    public static IdempotencyBuilder Use(this IdempotencyBuilder idempotency, Arguments arguments) => arguments.Store switch
    {
        "file" => idempotency.UseFileStore(arguments.Address ?? Directory.CreateTempSubdirectory("idempotency-webapi-").FullName),
        "redis" => idempotency.UseRedis(arguments.Address ?? "localhost:6379"),
        "postgres" => idempotency.UsePostgreSql(ConnectionString(arguments)),
        _ => idempotency.UseMemoryStore(),
    };

    /// <summary>
    /// Makes what the store needs, and sees whether it answers. Without its store a server answers every charge with 503; better said at once, to whoever
    /// has started it.
    /// </summary>
    /// <exception cref="IOException">The store cannot be used; the message says why, and what to do.</exception>
    public static async Task RequireAsync(Arguments arguments, IServiceProvider services)
    {
        try
        {
            await PrepareAsync(arguments);
            var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
            if (report.Status != HealthStatus.Healthy)
                throw new IOException(string.Join(' ', report.Entries.Values.Select(static entry => entry.Description)));
        }
        catch (Exception failure) // every store's client has exceptions of its own
        {
            throw new IOException($"The store '{arguments.Store}' cannot be used: {failure.Message}{Environment.NewLine}{Advice(arguments.Store)}", failure);
        }
    }

    private static async Task PrepareAsync(Arguments arguments)
    {
        if (arguments.Store != "postgres")
            return;

        await using var store = new PostgreSqlStore(ConnectionString(arguments), new PostgreSqlStoreOptions());
        await store.EnsureCreatedAsync();
    }

    private static string Advice(string store) => store switch
    {
        "redis" => "Start one on localhost:6379 with 'redis-server', or name yours: --at HOST:PORT.",
        "postgres" =>
            """
            Start one with 'initdb -D data -U postgres' and 'postgres -D data', or name yours:
            --at "Host=…;Username=…;Password=…;Database=…".
            """,
        "file" => "Name a folder that can be written to: --at FOLDER.",
        _ => "",
    };

    private static string ConnectionString(Arguments arguments) => arguments.Address ?? "Host=localhost;Username=postgres;Database=postgres";
}
