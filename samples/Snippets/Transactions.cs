using Idempotency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Snippets.Transactions;

#region transaction
public sealed partial class Accounts(IdempotencyGuard guard)
{
    [Idempotent(Name = "accounts.transfer", OnDuplicate = OnDuplicate.Wait)]
    public partial Task<Guid> TransferAsync(Guid requestId, int from, int to, long cents, CancellationToken cancellationToken = default);

    // The transaction is not in the declaration: the guard supplies it, commits it together with the outcome, or rolls it back.
    private async Task<Guid> TransferCoreAsync(
        Guid requestId, int from, int to, long cents, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "UPDATE accounts SET cents = cents + CASE id WHEN $1 THEN -$3 ELSE $3 END WHERE id IN ($1, $2)", transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        command.Parameters.Add(new() { Value = cents });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return requestId;
    }
}
#endregion

public sealed record Order(Guid Id, string Article);

public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}

#region transaction-context
public sealed partial class Orders(IdempotencyGuard guard)
{
    [Idempotent(Name = "orders.place")]
    public partial Task<Order> PlaceAsync(Guid id, string article);

    private async Task<Order> PlaceCoreAsync(Guid id, string article, ShopContext context)
    {
        var order = new Order(id, article);
        context.Orders.Add(order);
        await context.SaveChangesAsync();
        return order;
    }
}
#endregion

public static class Registration
{
    public static void Register(IServiceCollection services, NpgsqlDataSource shop)
    {
        #region transaction-registration
        services.AddDbContextFactory<ShopContext>(options => options.UseNpgsql(shop));
        services.AddIdempotency()
            .UsePostgreSql(shop, options => options.IsolationLevel = System.Data.IsolationLevel.ReadCommitted)
            .UseDbContext<ShopContext>();
        #endregion
    }
}
