using System.Net;
using Idempotency.Storage;
using Idempotency.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.AspNetCore.Tests;

/// <summary>Handlers whose lease ends before they do.</summary>
public sealed class LeaseTests
{
    private readonly TaskCompletionSource _firstStarted = new();
    private readonly TaskCompletionSource _firstMayEnd = new();
    private int _runs;

    [Theory]
    [InlineData(OnLeaseLost.Throw)]
    [InlineData(OnLeaseLost.ReturnStored)]
    public async Task A_handler_that_lost_its_lease_never_answers_for_its_successor(OnLeaseLost onLeaseLost)
    {
        var store = new FaultInjectingStore(new MemoryStore());
        await using var server = await StartAsync(store, options => options.OnLeaseLost = onLeaseLost, TimeSpan.FromMilliseconds(100));
        using var client = server.Client();
        store.Plan = static call => call.Operation == StoreOperation.Renew ? StoreFault.Refused : StoreFault.None;

        var late = client.PostAsync("/charges", "\"a\"");
        await _firstStarted.Task.WaitAsync(TimeSpan.FromMinutes(1));
        var successor = await UntilAnsweredAsync(() => client.PostAsync("/charges", "\"a\""));
        _firstMayEnd.SetResult();

        using var answer = await late;
        Assert.Equal("run 2", await successor.Content.ReadAsStringAsync());
        if (onLeaseLost == OnLeaseLost.ReturnStored)
        {
            Assert.Equal("run 2", await answer.Content.ReadAsStringAsync());
            Assert.True(answer.IsReplay());
        }
        else
        {
            await answer.AssertProblemAsync(409, IdempotencyProblems.LeaseLost);
        }

        Assert.False(answer.Headers.Contains("ETag")); // of the run that lost
        Assert.True(answer.Headers.Contains("X-Correlation"));
        using var retry = await client.PostAsync("/charges", "\"a\"");
        Assert.Equal("run 2", await retry.Content.ReadAsStringAsync());
        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task A_handler_that_runs_for_too_long_is_stopped_and_says_so()
    {
        await using var server = await Server.StartAsync(
            app => app.MapPost("/charges", static async (CancellationToken stopped) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stopped);
                return "never";
            }).RequireAuthorization().RequireIdempotencyKey(static options => options.Lease = TimeSpan.FromMilliseconds(100)),
            static services => services.Configure<IdempotencyOptions>(static options => options.ExecutionLimit = TimeSpan.FromMilliseconds(200)));
        using var client = server.Client();

        using var response = await client.PostAsync("/charges", "\"a\"").WaitAsync(TimeSpan.FromMinutes(1));

        await response.AssertProblemAsync(409, IdempotencyProblems.LeaseLost);
    }

    private static async Task<HttpResponseMessage> UntilAnsweredAsync(Func<Task<HttpResponseMessage>> send)
    {
        var response = await send();
        while (response.StatusCode == HttpStatusCode.Conflict)
        {
            await response.AssertProblemAsync(409, IdempotencyProblems.InProgress);
            response.Dispose();
            response = await send();
        }

        return response;
    }

    private Task<Server> StartAsync(FaultInjectingStore store, Action<IdempotencyOptions> configure, TimeSpan lease) => Server.StartAsync(
        app =>
        {
            app.Use((context, next) =>
            {
                context.Response.Headers["X-Correlation"] = "1";
                return next(context);
            });
            app.MapPost("/charges", async (HttpResponse response) =>
            {
                var run = Interlocked.Increment(ref _runs);
                if (run == 1)
                {
                    response.Headers.ETag = "\"1\"";
                    _firstStarted.SetResult();
                    await _firstMayEnd.Task;
                }

                return $"run {run}";
            }).RequireAuthorization().RequireIdempotencyKey(options => options.Lease = lease);
        },
        services => services.Configure(configure),
        store: builder => builder.UseStore(_ => store));
}
