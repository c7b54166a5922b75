using System.Text.Json.Serialization;
using Idempotency;

var charges = 0;
var directory = Directory.CreateTempSubdirectory();
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ShopJson.Default));
builder.Services.AddIdempotency().UseFileStore(directory.FullName);
builder.Services.AddHttpClient("bank").AddIdempotencyKeyPropagation();
var app = builder.Build();
app.MapPost("/charges", (Charge charge) => TypedResults.Created($"/charges/{++charges}", charge))
    .RequireIdempotencyKey(options => options.Scope = _ => IdempotencyScope.Everybody);
app.MapPost("/orders", async (IHttpClientFactory clients) =>
{
    using var bank = clients.CreateClient("bank");
    using var answer = await bank.PostAsync(new Uri($"{app.Urls.Single()}/bank"), null);
    return await answer.Content.ReadAsStringAsync();
}).RequireIdempotencyKey(options => options.Scope = _ => IdempotencyScope.Everybody);
app.MapPost("/bank", (HttpRequest request) => $"the bank got a key of {request.Headers["Idempotency-Key"].ToString().Length} characters");
await app.StartAsync();

using (var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) })
{
    foreach (var cents in new[] { 500, 500, 700 })
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/charges") { Content = new StringContent($$"""{"cents":{{cents}}}""", null, "application/json") };
        request.Headers.Add("Idempotency-Key", "\"8e03978e\"");
        using var answer = await client.SendAsync(request);
        var isReplay = answer.Headers.Contains("Idempotent-Replayed");
        Console.WriteLine($"{(int)answer.StatusCode} {answer.Content.Headers.ContentType?.MediaType} {answer.Headers.Location} {isReplay}");
    }

    using var order = new HttpRequestMessage(HttpMethod.Post, "/orders");
    order.Headers.Add("Idempotency-Key", "\"8e03978e\"");
    using var taken = await client.SendAsync(order);
    Console.WriteLine(await taken.Content.ReadAsStringAsync());
}

Console.WriteLine($"charged: {charges}");
await app.DisposeAsync();
directory.Delete(recursive: true);

// Without a scope the application must not start, in whatever way it was built.
var mistaken = WebApplication.CreateSlimBuilder(args);
mistaken.Logging.ClearProviders();
mistaken.WebHost.UseUrls("http://127.0.0.1:0");
mistaken.Services.AddIdempotency();
await using var refused = mistaken.Build();
refused.MapPost("/charges", () => "done").RequireIdempotencyKey();
try
{
    await refused.StartAsync();
    Console.WriteLine("started");
}
catch (InvalidOperationException failure)
{
    Console.WriteLine(failure.Message.Contains("anonymous", StringComparison.Ordinal) ? "refused to start" : failure.ToString());
}

public sealed record Charge(long Cents);

[JsonSerializable(typeof(Charge))]
internal sealed partial class ShopJson : JsonSerializerContext;
