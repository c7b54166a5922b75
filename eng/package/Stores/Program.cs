using Idempotency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

// Nobody listens here: what is tried is that the packages fit together, and what they say about that.
const string Nowhere = "127.0.0.1:1";
const string Database = "Host=127.0.0.1;Port=1;Username=shop;Database=shop";

var services = new ServiceCollection();
services.AddLogging();
services.AddDbContextFactory<Shop>(options => options.UseNpgsql(Database));
services.AddIdempotency(options => options.ClaimTimeout = TimeSpan.FromMilliseconds(100))
    .UsePostgreSql(Database)
    .UseDbContext<Shop>()
    .AddStore("shipping", store => store.UseRedis($"{Nowhere},connectTimeout=100,connectRetry=1"))
    .AddStore("archive", store => store.UseDynamoDb("archive"));
services.AddHealthChecks().AddIdempotencyStore();
services.AddSingleton<Orders>();
await using var provider = services.BuildServiceProvider();

var orders = provider.GetRequiredService<Orders>();
Console.WriteLine(PostgreSqlStore.CreateScript().Split('\n')[0]);
foreach (var call in new[] { orders.PlaceAsync, (Func<Guid, string, Task<Order>>)orders.ShipAsync })
{
    try
    {
        await call(Guid.NewGuid(), "bicycle");
    }
    catch (StoreUnavailableException refusal)
    {
        Console.WriteLine($"{refusal.Operation}: {refusal.GetType().Name}");
    }
}
