using Idempotency;
using Microsoft.EntityFrameworkCore;

public sealed record Order(Guid Id, string Article);

public sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}

public sealed partial class Orders(IdempotencyGuard guard)
{
    /// <summary>Places an order once, in the transaction that keeps its key.</summary>
    [Idempotent(Name = "orders.place", Ttl = "24h")]
    public partial Task<Order> PlaceAsync(Guid id, string article);

    /// <summary>Tells a shipper once, and keeps its key elsewhere.</summary>
    [Idempotent(Name = "orders.ship", Ttl = "24h", Store = "shipping")]
    public partial Task<Order> ShipAsync(Guid id, string article);

    private async Task<Order> PlaceCoreAsync(Guid id, string article, Shop shop)
    {
        var order = new Order(id, article);
        shop.Orders.Add(order);
        await shop.SaveChangesAsync();
        return order;
    }

    private Task<Order> ShipCoreAsync(Guid id, string article) => Task.FromResult(new Order(id, article));
}
