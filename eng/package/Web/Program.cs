using System.Text.Json.Serialization;
using Idempotency;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ShopJson.Default));
builder.Services.AddIdempotency(options => options.JsonTypeInfoResolvers.Add(ShopJson.Default));
builder.Services.AddSingleton<Charges>();
await using var app = builder.Build();
app.MapPost("/orders/{id:int}/charge", (int id, Charges charges, CancellationToken cancellation) => charges.CreateAsync(id, 500, cancellation));
await app.StartAsync();

using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
for (var i = 0; i < 2; i++)
{
    using var answer = await client.PostAsync("/orders/7/charge", content: null);
    Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
}

Console.WriteLine($"charged once: {app.Services.GetRequiredService<Charges>().Made}");

public sealed record Receipt(int Id, long Cents);

public sealed partial class Charges(IdempotencyGuard guard)
{
    public int Made { get; private set; }

    [Idempotent(Name = "charges.create")]
    public partial Task<Receipt> CreateAsync([IdempotencyKey] int orderId, long cents, CancellationToken cancellationToken = default);

    private Task<Receipt> CreateCoreAsync(int orderId, long cents, CancellationToken cancellationToken) =>
        Task.FromResult(new Receipt(++Made, cents));
}

[JsonSerializable(typeof(Receipt))]
internal sealed partial class ShopJson : JsonSerializerContext;
