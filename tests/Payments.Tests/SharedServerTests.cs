using Idempotency.TestServers;

namespace Payments.Tests;

/// <summary>The sample against real servers. A part of its file is enough, and soon done on a small machine.</summary>
[Collection(SampleRun.OneAtATime)]
public sealed class SharedServerTests : IDisposable
{
    private const int Deliveries = 100;

    private readonly TemporaryFile _file = new();

    public SharedServerTests() => DeliveryFile.Write(_file.Path, DeliveryGenerator.Generate().Take(Deliveries));

    [Fact]
    public async Task Two_processes_with_Redis_charge_once()
    {
        using var server = await RedisServer.StartAsync();

        var run = await SampleRun.OfAsync(_file.Path, "--store", "redis", "--at", server.Address);

        run.AssertChargedOnce(Deliveries);
        Assert.Equal(":0", await server.SendAsync("DBSIZE")); // it has tidied up
    }

    [Fact]
    public async Task Two_processes_with_PostgreSQL_charge_once()
    {
        using var server = await PostgreSqlServer.StartAsync();

        var run = await SampleRun.OfAsync(_file.Path, "--store", "postgres", "--at", server.ConnectionString);

        run.AssertChargedOnce(Deliveries);
    }

    [Fact]
    public async Task Two_processes_with_DynamoDB_charge_once()
    {
        using var server = await DynaliteServer.StartAsync();

        var run = await SampleRun.OfAsync(_file.Path, "--store", "dynamo", "--at", server.Address);

        run.AssertChargedOnce(Deliveries);
    }

    [Theory]
    [InlineData("redis", "127.0.0.1:{0}", "redis-server")]
    [InlineData("postgres", "Host=127.0.0.1;Port={0};Username=postgres;Database=postgres", "postgres -D")]
    [InlineData("dynamo", "http://127.0.0.1:{0}", "npx dynalite")]
    public async Task A_server_that_cannot_be_reached_is_an_error_that_says_how_to_start_one(string store, string address, string command)
    {
        var nobody = string.Format(System.Globalization.CultureInfo.InvariantCulture, address, LoopbackPort.Free());

        var run = await SampleRun.OfAsync(_file.Path, "--store", store, "--at", nobody);

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.StartsWith($"Error: The store '{store}' cannot be used: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(command, run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _file.Dispose();
}
