using Idempotency;

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

    /// <summary>Makes what the store needs before the first request.</summary>
    public static async Task PrepareAsync(Arguments arguments)
    {
        if (arguments.Store != "postgres")
            return;

        await using var store = new PostgreSqlStore(ConnectionString(arguments), new PostgreSqlStoreOptions());
        await store.EnsureCreatedAsync();
    }

    /// <summary>What to do when the store cannot be used.</summary>
    public static string Advice(string store) => store switch
    {
        "redis" => "Start one on localhost:6379 with 'redis-server', or name yours: --at HOST:PORT.",
        "postgres" =>
            """
            Start one with 'initdb -D data -U postgres' and 'postgres -D data', or name yours:
            --at "Host=…;Username=…;Password=…;Database=…".
            """,
        _ => "Name a folder that can be written to: --at FOLDER.",
    };

    private static string ConnectionString(Arguments arguments) => arguments.Address ?? "Host=localhost;Username=postgres;Database=postgres";
}
