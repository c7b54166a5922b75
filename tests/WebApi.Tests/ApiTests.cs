using System.Net.Http.Json;
using System.Text.Json;

namespace WebApi.Tests;

/// <summary>What the API answers, over real connections to a process of its own.</summary>
public sealed class ApiTests(ApiTests.Running running) : IClassFixture<ApiTests.Running>
{
    private readonly Sample _sample = running.Sample;
    private readonly string _caller = $"ann-{Posts.NewKey()}"; // whose charges are those of one test

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_charge_is_made_once_and_found_where_its_answer_says(bool isHttp2)
    {
        using var client = _sample.Client(_caller, isHttp2);
        var key = Posts.NewKey();

        var first = await client.ChargeAsync(key);
        var retry = await client.ChargeAsync(key);
        var other = await client.ChargeAsync(key, amount: 26);

        Assert.Equal((201, false), (first.Status, first.IsReplay));
        Assert.Equal((201, true, first.Body), (retry.Status, retry.IsReplay, retry.Body));
        Assert.Equal((422, "key-reused"), (other.Status, other.Problem));
        var id = JsonDocument.Parse(first.Body).RootElement.GetProperty("id").GetString();
        Assert.Equal(first.Body, await client.GetStringAsync(new Uri($"charges/{id}", UriKind.Relative)));
        Assert.Equal($"[{first.Body}]", await client.GetStringAsync(new Uri("charges", UriKind.Relative)));
        Assert.Equal([first.Body], File.ReadAllLines(_sample.Ledger).Where(line => line.Contains(_caller, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_cannot_be_charged_is_refused_and_nothing_is_taken()
    {
        using var client = _sample.Client(_caller);

        var missing = await client.ChargeAsync(key: null);
        var negative = await client.ChargeAsync(Posts.NewKey(), amount: -1);

        Assert.Equal((400, "key-missing"), (missing.Status, missing.Problem));
        Assert.Equal(400, negative.Status);
        Assert.Contains("The amount must be from 0.01 to 10,000.", negative.Body, StringComparison.Ordinal);
        Assert.Equal("[]", await client.GetStringAsync(new Uri("charges", UriKind.Relative)));
    }

    [Fact]
    public async Task A_key_and_a_charge_belong_to_their_caller()
    {
        using HttpClient ann = _sample.Client(_caller), ben = _sample.Client($"not-{_caller}"[..40]), nobody = _sample.Client(caller: null);
        var key = Posts.NewKey();

        var (first, second, third) = (await ann.ChargeAsync(key), await ben.ChargeAsync(key), await nobody.ChargeAsync(key));

        Assert.Equal((201, false, 201, false, 401), (first.Status, first.IsReplay, second.Status, second.IsReplay, third.Status));
        Assert.Contains("\"title\":\"Unauthorized\"", third.Body, StringComparison.Ordinal);
        Assert.Equal($"[{second.Body}]", await ben.GetStringAsync(new Uri("charges", UriKind.Relative)));
        var id = JsonDocument.Parse(first.Body).RootElement.GetProperty("id").GetString();
        using var foreign = await ben.GetAsync(new Uri($"charges/{id}", UriKind.Relative));
        Assert.Equal(404, (int)foreign.StatusCode);
    }

    [Fact]
    public async Task It_describes_itself_and_says_how_it_is()
    {
        using var client = _sample.Client(caller: null);

        var description = await client.GetFromJsonAsync<JsonElement>(new Uri("openapi/v1.json", UriKind.Relative));
        var post = description.GetProperty("paths").GetProperty("/charges").GetProperty("post");

        Assert.Equal("Idempotency-Key", Assert.Single(post.GetProperty("parameters").EnumerateArray()).GetProperty("name").GetString());
        Assert.All(["201", "400", "409", "422"], status => Assert.True(post.GetProperty("responses").TryGetProperty(status, out _)));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("health", UriKind.Relative)));
    }

    /// <summary>One process for all of these tests.</summary>
    public sealed class Running : IAsyncLifetime
    {
        internal Sample Sample { get; private set; } = null!;

        public async Task InitializeAsync() => Sample = await Sample.StartAsync("--takes", "0");

        public Task DisposeAsync()
        {
            Sample.Dispose();
            return Task.CompletedTask;
        }
    }
}
