using Idempotency.TestServers;

namespace Idempotency.Soak;

/// <summary>A server that the processes of a run share: started by the first that needs it, and found by its children in their environment.</summary>
public sealed class SoakServer
{
    public static readonly SoakServer Redis = new("REDIS", static async () =>
    {
        var server = await RedisServer.StartAsync();
        return (server, server.Address);
    });

    public static readonly SoakServer PostgreSql = new("POSTGRESQL", static async () =>
    {
        var server = await PostgreSqlServer.StartAsync();
        return (server, $"{server.ConnectionString};Maximum Pool Size=16");
    });

    public static readonly SoakServer DynamoDb = new("DYNAMODB", static async () =>
    {
        var server = await DynaliteServer.StartAsync();
        return (server, server.Address);
    });

    private readonly string _variable;
    private readonly Lazy<string> _address;

    private SoakServer(string name, Func<Task<(IDisposable Server, string Address)>> start)
    {
        _variable = $"IDEMPOTENCY_SOAK_{name}";
        _address = new Lazy<string>(() => Environment.GetEnvironmentVariable(_variable) is { Length: > 0 } inherited ? inherited : Start(start));
    }

    /// <summary>Where it is; starts it when nobody has.</summary>
    public string Address => _address.Value;

    private string Start(Func<Task<(IDisposable Server, string Address)>> start)
    {
        var (server, address) = Task.Run(start).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        Environment.SetEnvironmentVariable(_variable, address);
        return address;
    }
}
