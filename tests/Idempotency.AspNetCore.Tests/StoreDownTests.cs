using System.Net;
using Idempotency.Storage;
using Idempotency.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Idempotency.AspNetCore.Tests;

public sealed class StoreDownTests
{
    private readonly FaultInjectingStore _store = new(new MemoryStore());
    private int _runs;

    [Fact]
    public async Task Nothing_runs_while_the_store_does_not_answer()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        _store.Plan = static _ => StoreFault.Refused;

        using var refused = await client.PostAsync("/charges", "\"a\"");
        await refused.AssertProblemAsync(503, IdempotencyProblems.StoreUnavailable);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(0, _runs);

        _store.Plan = static _ => StoreFault.None;
        using var retry = await client.PostAsync("/charges", "\"a\"");
        Assert.Equal(HttpStatusCode.OK, retry.StatusCode);
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task An_endpoint_that_says_so_runs_unguarded_while_the_store_does_not_answer()
    {
        await using var server = await StartAsync(options => options.RunsUnguardedWithoutStore = true);
        using var client = server.Client();
        _store.Plan = static _ => StoreFault.Refused;

        using var one = await client.PostAsync("/charges", "\"a\"", "\"body\"");
        using var two = await client.PostAsync("/charges", "\"a\"", "\"body\"");

        Assert.Equal("\"body\"", await two.Content.ReadAsStringAsync());
        Assert.Equal(2, _runs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_response_that_cannot_be_stored_does_not_leave_and_its_retry_gets_it(bool isStreamed)
    {
        await using var server = await StartAsync(options =>
        {
            options.Lease = TimeSpan.FromMilliseconds(300);
            options.MaxResponseBytes = isStreamed ? 0 : null;
        });
        using var client = server.Client();
        _store.Plan = static call => call.Operation == StoreOperation.Complete ? StoreFault.Refused : StoreFault.None;

        using var first = await client.PostAsync("/charges", "\"a\"", "\"body\"");
        await first.AssertProblemAsync(503, IdempotencyProblems.ResponseNotStored);
        using var meanwhile = await client.PostAsync("/charges", "\"a\"", "\"body\"");
        await meanwhile.AssertProblemAsync(409, IdempotencyProblems.InProgress);

        _store.Plan = static _ => StoreFault.None;
        HttpResponseMessage retry;
        do
        {
            retry = await client.PostAsync("/charges", "\"a\"", "\"body\"");
        }
        while (retry.StatusCode == HttpStatusCode.Conflict && await retry.ProblemAsync() == IdempotencyProblems.InProgress); // until it is stored in the background

        if (isStreamed)
        {
            await retry.AssertProblemAsync(409, IdempotencyProblems.ResponseNotKept);
        }
        else
        {
            Assert.Equal("\"body\"", await retry.Content.ReadAsStringAsync());
        }

        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task A_store_that_is_full_refuses_new_keys_and_answers_old_ones()
    {
        await using var server = await Server.StartAsync(
            app => app.MapPost("/charges", () => ++_runs).RequireAuthorization().RequireIdempotencyKey(),
            store: static idempotency => idempotency.UseMemoryStore(static memory => memory.Capacity = 1));
        using var client = server.Client();
        using var first = await client.PostAsync("/charges", "\"a\"");

        using var old = await client.PostAsync("/charges", "\"a\"");
        using var refused = await client.PostAsync("/charges", "\"b\"");

        Assert.True(old.IsReplay());
        await refused.AssertProblemAsync(503, IdempotencyProblems.StoreUnavailable);
    }

    private Task<Server> StartAsync(Action<IdempotencyKeyOptions>? configure = null) => Server.StartAsync(
        app => app.MapPost("/charges", async (HttpContext context) =>
        {
            Interlocked.Increment(ref _runs);
            await context.Request.Body.CopyToAsync(context.Response.Body);
        }).RequireAuthorization().RequireIdempotencyKey(configure),
        services => services.AddIdempotency(static options => (options.ClaimTimeout, options.DefaultLease) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5))),
        store: idempotency => idempotency.UseStore(_ => _store));
}
