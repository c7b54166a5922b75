using System.Security.Cryptography;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>A store that every scenario is run with. To add one, add a line to <see cref="All"/>.</summary>
/// <param name="Name">How it is named on the command line and in reports.</param>
/// <param name="Open">Opens it with a clock; what several processes are to share is in the directory, or on a server by the directory's name.</param>
/// <param name="Survives">Whether records outlive the process, and other processes see them.</param>
/// <param name="LeaseIsLife">Whether a claim lasts as long as its owner's process, stopped or not.</param>
public sealed record StoreUnderTest(string Name, Func<string, TimeProvider, IIdempotencyStore> Open, bool Survives, bool LeaseIsLife)
{
    /// <summary>Long enough for a process that gets little time, and short enough to wait for its end.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromMilliseconds(500);

    public static IReadOnlyList<StoreUnderTest> All { get; } =
    [
        new("memory", static (_, clock) => new MemoryStore(timeProvider: clock), Survives: false, LeaseIsLife: false),
        new("file", static (directory, clock) => OpenFile(directory, FileDurability.ProcessCrash, clock), Survives: true, LeaseIsLife: true),
        new("file-synced", static (directory, clock) => OpenFile(directory, FileDurability.PowerLoss, clock), Survives: true, LeaseIsLife: true),
        new("redis", static (directory, clock) => OpenRedis(directory, clock), Survives: true, LeaseIsLife: false) { Server = SoakServer.Redis },
        new("postgres", static (directory, clock) => OpenPostgreSql(directory, clock), Survives: true, LeaseIsLife: false) { Server = SoakServer.PostgreSql },
        new("dynamo", static (directory, clock) => OpenDynamoDb(directory, clock), Survives: true, LeaseIsLife: false) { Server = SoakServer.DynamoDb },
    ];

    /// <summary>What it needs to run; nothing where it is all in the process or the directory.</summary>
    public SoakServer? Server { get; init; }

    /// <summary>What claims ask for where leases end by a clock that processes share; the default where they do not.</summary>
    public TimeSpan? Lease => Survives && !LeaseIsLife ? s_lease : null;

    public static StoreUnderTest Named(string name) => All.Single(store => store.Name == name);

    public override string ToString() => Name;

    /// <summary>With small segments, so that new ones are begun and old ones compacted all the time.</summary>
    private static FileStore OpenFile(string directory, FileDurability durability, TimeProvider clock) =>
        new(Path.Combine(directory, "store"), new FileStoreOptions { Durability = durability, LeastSegment = 1 << 16 }, clock);

    private static RedisStore OpenRedis(string directory, TimeProvider clock) =>
        new(SoakServer.Redis.Address, new RedisStoreOptions { KeyPrefix = $"{NameOf(directory)}:" }, clock);

    private static PostgreSqlStore OpenPostgreSql(string directory, TimeProvider clock)
    {
        var store = new PostgreSqlStore(SoakServer.PostgreSql.Address, new PostgreSqlStoreOptions { Table = NameOf(directory) }, clock);
        Task.Run(() => store.EnsureCreatedAsync()).GetAwaiter().GetResult();
        return store;
    }

    /// <summary>Blocks until there is the table, as all of these do: a scenario has nothing to do before.</summary>
    private static DynamoDbStore OpenDynamoDb(string directory, TimeProvider clock)
    {
        var client = new AmazonDynamoDBClient(
            new BasicAWSCredentials("nobody", "nothing"), new AmazonDynamoDBConfig { ServiceURL = SoakServer.DynamoDb.Address, AuthenticationRegion = "eu-west-1" });
        var options = new DynamoDbStoreOptions { TableName = NameOf(directory) };
        try
        {
            // Blocks, as opening any of these does. By the system's clock: one without timers would wait for ever for a table that another process is just making.
            Task.Run(() => new DynamoDbStore(client, options).EnsureTableAsync()).GetAwaiter().GetResult();
        }
        catch (AmazonDynamoDBException lacking) when (lacking.ErrorCode == "UnknownOperationException")
        {
            // dynalite makes the table, and knows no time to live.
        }

        return new DynamoDbStore(client, options, clock);
    }

    /// <summary>A name for what a run keeps on a server, of letters and digits that every server takes.</summary>
    private static string NameOf(string directory) => $"run_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)).AsSpan(0, 8))}";
}
