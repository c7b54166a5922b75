using System.Globalization;
using System.Text.RegularExpressions;
using Idempotency.TestServers;

namespace Idempotency.Soak;

/// <summary>A server that the processes of a run share: started by the first that needs it, and found by its children in their environment.</summary>
public sealed partial class SoakServer
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

    /// <summary>The port it listens at; starts it when nobody has.</summary>
    public int Port => int.Parse(PortOf().Match(Address).Value, CultureInfo.InvariantCulture);

    /// <summary>Lets a process that is to be started find it at another port, where a proxy listens.</summary>
    internal void PutAt(int port, IDictionary<string, string?> environment) => environment[_variable] = PortOf().Replace(Address, $"{port}");

    private string Start(Func<Task<(IDisposable Server, string Address)>> start)
    {
        var (server, address) = Task.Run(start).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        Environment.SetEnvironmentVariable(_variable, address);
        return address;
    }

    /// <summary>In <c>127.0.0.1:6379</c>, <c>http://127.0.0.1:8000</c> and <c>Host=127.0.0.1;Port=5432</c>.</summary>
    [GeneratedRegex(@"(?<=:|;Port=)\d+")]
    private static partial Regex PortOf();
}
