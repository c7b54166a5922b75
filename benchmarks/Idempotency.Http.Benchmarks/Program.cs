using System.Net;
using Idempotency;
using Idempotency.HttpBenchmarks;
using Idempotency.StoresBenchmarks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// What the guard costs a request, on a real server with real connections: an endpoint with it, the same one bare, and with a filter as one
// would write it by hand in an afternoon.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
builder.Services.AddIdempotency().UseMemoryStore(static store => store.Capacity = 50_000_000);
await using var app = builder.Build();
Delegate handler = (Charge charge) => TypedResults.Ok(new Receipt(charge.UserId, charge.Amount, "charged"));
app.MapPost("/bare", handler);
app.MapPost("/guarded", handler).RequireIdempotencyKey(static options => options.Scope = static _ => IdempotencyScope.Everybody);
app.MapPost("/by-hand", handler).AddEndpointFilter<HandWrittenFilter>();
await app.StartAsync();
var address = new Uri(app.Urls.Single());

Report.Begin("HTTP requests to one server in the same process");
foreach (var callers in new[] { 1, 16, 64 })
{
    var bare = new Connections(address, "/bare", callers, isFresh: true);
    var fresh = new Connections(address, "/guarded", callers, isFresh: true);
    var replay = new Connections(address, "/guarded", callers, isFresh: false);
    var freshByHand = new Connections(address, "/by-hand", callers, isFresh: true);
    var replayByHand = new Connections(address, "/by-hand", callers, isFresh: false);
    var rates = await Load.CompareAsync(callers, bare.SendAsync, fresh.SendAsync, replay.SendAsync, freshByHand.SendAsync, replayByHand.SendAsync);
    Report.Tell("a new key each", callers, rates[1], "bare", rates[0], 0.75);
    Report.Tell("the same key", callers, rates[2], "bare", rates[0], 0.9);
    Report.Tell("a new key each, by hand", callers, rates[3], "bare", rates[0], null);
    Report.Tell("the same key, by hand", callers, rates[4], "bare", rates[0], null);
}

internal sealed record Charge(int UserId, decimal Amount);

internal sealed record Receipt(int UserId, decimal Amount, string Status);
