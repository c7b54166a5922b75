using System.Net;
using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Reporting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idempotency.Benchmarks.Http;

/// <summary>What the guard costs a request, on a real server with real connections: an endpoint with it, the same one bare, and with a filter as
/// one would write it by hand in an afternoon.</summary>
internal static class HttpSection
{
    public static async Task RunAsync(Section section)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromHours(1); // a process waits until it is its turn
        });
        builder.Services.AddIdempotency().UseMemoryStore(static store => store.Capacity = 50_000_000);
        await using var app = builder.Build();
        Delegate handler = static (Charge charge) => TypedResults.Ok(new Answer(charge.UserId, charge.Amount, "charged"));
        app.MapPost("/bare", handler);
        app.MapPost("/guarded", handler).RequireIdempotencyKey(static options => options.Scope = static _ => IdempotencyScope.Everybody);
        app.MapPost("/by-hand", handler).AddEndpointFilter<HandWrittenFilter>();
        await app.StartAsync();
        section.Say(
            "POST requests over kept connections to Kestrel, with keys in the memory store, by clients in processes of their own. "
            + "\"By hand\" is an endpoint filter with a dictionary, which neither looks at the body nor stops two at once.");
        using var comparison = await LoadComparison.StartAsync(section, "http", app.Urls.Single());
        await comparison.RunAsync(
            "HTTP requests",
            section.IsFull ? [1, 16, 64, 256] : [1, 16, 64],
            [
                new(HttpCalls.Fresh, HttpCalls.Bare, static _ => 0.75),
                new(HttpCalls.Replay, HttpCalls.Bare, static _ => 0.9),
                new(HttpCalls.FreshByHand, HttpCalls.Bare),
                new(HttpCalls.ReplayByHand, HttpCalls.Bare),
            ]);
    }

    internal sealed record Charge(int UserId, decimal Amount);

    internal sealed record Answer(int UserId, decimal Amount, string Status);
}
