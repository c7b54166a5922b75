using Idempotency;
using Microsoft.Extensions.DependencyInjection;

var services = new ServiceCollection();
services.AddIdempotency();
services.AddSingleton<Charges>();
using var provider = services.BuildServiceProvider();

var charges = provider.GetRequiredService<Charges>();
var first = await charges.CreateAsync(7, 500);
var again = await charges.CreateAsync(7, 500);
Console.WriteLine($"charged once: {charges.Made}");
Console.WriteLine($"same receipt: {first == again}");
