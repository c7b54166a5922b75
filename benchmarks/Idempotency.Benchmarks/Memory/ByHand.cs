using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Caching.Memory;

namespace Idempotency.Benchmarks.Memory;

/// <summary>What people write where they have no guard. Its tasks have completed when they are returned: asking for their results waits for nothing.</summary>
internal sealed class ByHand : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Receipt>>> _lazy = new();
    private readonly MemoryCache _cache = new(new MemoryCacheOptions());

    public Task<Receipt> ChargeLazilyAsync(int userId, decimal amount, string orderId, Guid requestId) =>
        _lazy.GetOrAdd(
            string.Create(CultureInfo.InvariantCulture, $"Idempotency.Benchmarks.Charges.ChargeAsync:{userId}:{amount}:{orderId}:{requestId}"),
            static (_, call) => new Lazy<Task<Receipt>>(() => Task.FromResult(new Receipt(call.orderId, call.amount))),
            (orderId, amount)).Value;

    public Task<Receipt> ChargeCachedAsync(int userId, decimal amount, string orderId, Guid requestId)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"Idempotency.Benchmarks.Charges.ChargeAsync:{userId}:{amount}:{orderId}:{requestId}");
        if (!_cache.TryGetValue(key, out Lazy<Task<Receipt>>? charge))
        {
            charge = _cache.Set(key, new Lazy<Task<Receipt>>(() => Task.FromResult(new Receipt(orderId, amount))), TimeSpan.FromHours(1));
        }

        return charge!.Value;
    }

    public void Dispose() => _cache.Dispose();
}
