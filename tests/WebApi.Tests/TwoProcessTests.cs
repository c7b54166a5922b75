using System.Text.Json;
using Idempotency.TestServers;

namespace WebApi.Tests;

/// <summary>Two processes with one store and one ledger, as behind a load balancer.</summary>
/// <param name="store">What the command line says of the store.</param>
public abstract class TwoProcessTests(params string[] store) : IDisposable
{
    private const int Posted = 64;

    private readonly string _folder = Directory.CreateTempSubdirectory("webapi-tests-").FullName;

    private protected string Ledger => Path.Combine(_folder, "ledger.jsonl");

    [Fact]
    public async Task Many_at_once_with_one_key_take_the_money_once()
    {
        string[] args = ["--takes", "0.3", "--lease", "30"];
        var both = await Task.WhenAll(StartAsync(args), StartAsync(args)); // both make what the store needs
        using Sample one = both[0], two = both[1];
        HttpClient[] clients = [one.Client(), two.Client()];
        var key = Posts.NewKey();

        var answers = await PostAsync(clients, key);
        var retries = await PostAsync(clients, key);

        var first = Assert.Single(answers, static answer => answer is { Status: 201, IsReplay: false });
        Assert.All(answers.Where(answer => answer != first), answer => Assert.True(answer is { Status: 409, Problem: "in-progress" } or { Status: 201, IsReplay: true }, answer.ToString()));
        Assert.All(retries, retry => Assert.Equal((201, true, first.Body), (retry.Status, retry.IsReplay, retry.Body)));
        Assert.Equal([first.Body], File.ReadAllLines(Ledger));
    }

    [Fact]
    public async Task A_process_that_dies_before_it_takes_the_money_is_replaced()
    {
        var (retry, heir) = await KillAsync(dying: ["--takes", "60"], onCrash: "retry", static died => died.Log.Contains("Charging", StringComparison.Ordinal));

        Assert.Equal((201, false), (retry.Status, retry.IsReplay));
        Assert.Equal([retry.Body], File.ReadAllLines(Ledger));
        Assert.Equal(heir, ProcessOf(retry.Body));
    }

    [Fact]
    public async Task With_Hold_nobody_takes_money_again_that_a_dead_process_may_have_taken()
    {
        var (retry, heir) = await KillAsync(dying: ["--takes", "0", "--answers-after", "60"], onCrash: "hold", HasLine);

        Assert.Equal((409, "in-doubt"), (retry.Status, retry.Problem));
        Assert.NotEqual(heir, ProcessOf(Assert.Single(File.ReadAllLines(Ledger))));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Kills one process in the middle of a handler, sends its request to another, and says what came back and from whom.</summary>
    private protected async Task<(Answer Retry, int Heir)> KillAsync(string[] dying, string onCrash, Func<Sample, bool> isInTheMiddle)
    {
        string[] args = ["--on-crash", onCrash, "--lease", "3"];
        var both = await Task.WhenAll(StartAsync([.. args, .. dying]), StartAsync([.. args, "--takes", "0"]));
        using Sample died = both[0], heir = both[1];
        using HttpClient first = died.Client(), second = heir.Client();
        var key = Posts.NewKey();

        var lost = first.ChargeAsync(key);
        await died.Process.UntilReadyAsync(() => Task.FromResult(isInTheMiddle(died)));
        Assert.Equal("in-progress", (await second.ChargeAsync(key)).Problem); // the other one knows of it
        await died.Process.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => lost);

        var retry = await second.InsistAsync(key);
        var later = await second.ChargeAsync(key);
        Assert.Equal((retry.Status, retry.Problem), (later.Status, later.Problem)); // whatever came of it, it stays so
        Assert.Equal(retry.Status == 201, later.IsReplay);
        return (retry, heir.Process.Id);
    }

    private Task<Sample> StartAsync(params string[] args) => Sample.StartAsync([.. store, "--ledger", Ledger, .. args]);

    private static Task<Answer[]> PostAsync(HttpClient[] clients, string key) =>
        Task.WhenAll(Enumerable.Range(0, Posted).Select(number => clients[number % clients.Length].ChargeAsync(key)));

    private protected static bool HasLine(Sample sample) => File.Exists(sample.Ledger) && new FileInfo(sample.Ledger).Length > 0;

    private protected static int ProcessOf(string receipt) => JsonDocument.Parse(receipt).RootElement.GetProperty("process").GetInt32();
}

public sealed class TwoProcessesOnRedisTests(TwoProcessesOnRedisTests.Running running)
    : TwoProcessTests("--store", "redis", "--at", running.Server.Address), IClassFixture<TwoProcessesOnRedisTests.Running>
{
    [Fact]
    public async Task A_process_that_dies_after_it_has_taken_the_money_is_replaced_too_which_is_what_Hold_is_for()
    {
        var (retry, heir) = await KillAsync(dying: ["--takes", "0", "--answers-after", "60"], onCrash: "retry", HasLine);

        Assert.Equal((201, false), (retry.Status, retry.IsReplay));
        Assert.Equal([false, true], File.ReadAllLines(Ledger).Select(line => ProcessOf(line) == heir)); // at least once: no store can know better
    }

    /// <summary>One server for all of these tests.</summary>
    public sealed class Running : IAsyncLifetime
    {
        internal RedisServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await RedisServer.StartAsync();

        public Task DisposeAsync()
        {
            Server.Dispose();
            return Task.CompletedTask;
        }
    }
}

public sealed class TwoProcessesOnPostgreSqlTests(TwoProcessesOnPostgreSqlTests.Running running)
    : TwoProcessTests("--store", "postgres", "--at", running.Server.ConnectionString), IClassFixture<TwoProcessesOnPostgreSqlTests.Running>
{
    /// <summary>One server for all of these tests.</summary>
    public sealed class Running : IAsyncLifetime
    {
        internal PostgreSqlServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await PostgreSqlServer.StartAsync();

        public Task DisposeAsync()
        {
            Server.Dispose();
            return Task.CompletedTask;
        }
    }
}
