using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Idempotency.Transactions.Tests;

/// <summary>Bodies that work with Entity Framework, on a real server.</summary>
public sealed class DbContextTests(DatabaseServer database) : IClassFixture<DatabaseServer>
{
    private readonly string _key = Guid.NewGuid().ToString();

    public static TheoryData<string> Registrations => ["AddDbContextFactory", "AddPooledDbContextFactory", "AddDbContext", "AddDbContextPool"];

    [Theory, MemberData(nameof(Registrations))]
    public async Task What_is_added_and_not_saved_is_committed_with_the_outcome(string registration)
    {
        await using var services = Services(registration);
        var shop = new ContextShop(services.GetRequiredService<IdempotencyGuard>());

        var first = await shop.OrderAsync(_key);
        await shop.OrderAsync(_key + "-");

        Assert.Equal(first, await shop.OrderAsync(_key));
        Assert.Equal([$"{first.Id}"], await database.EffectsAsync(_key));
        Assert.Single(await database.EffectsAsync(_key + "-"));
        Assert.Equal(2, shop.Runs);

        // What others get of the pool works on the context's own connection.
        await using var scope = services.CreateAsyncScope();
        await using var context = registration.EndsWith("Factory", StringComparison.Ordinal)
            ? scope.ServiceProvider.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContext()
            : scope.ServiceProvider.GetRequiredService<ShopContext>();
        Assert.Equal(1, await context.Effects.CountAsync(effect => effect.Key == _key));
    }

    [Fact]
    public async Task What_was_saved_is_taken_back_when_the_body_throws()
    {
        await using var services = Services("AddDbContextFactory");
        var shop = new ContextShop(services.GetRequiredService<IdempotencyGuard>())
        {
            Then = static async context =>
            {
                await context.SaveChangesAsync();
                throw new FormatException();
            },
        };

        await Assert.ThrowsAsync<FormatException>(() => shop.OrderAsync(_key));

        Assert.Empty(await database.EffectsAsync(_key));
    }

    [Fact]
    public async Task A_conflict_inside_SaveChanges_repeats_the_body_with_a_fresh_context()
    {
        await using var services = Services("AddPooledDbContextFactory");
        var shop = new ContextShop(services.GetRequiredService<IdempotencyGuard>());
        shop.Then = async context =>
        {
            if (shop.Runs < 3)
            {
                await context.Database.ExecuteSqlRawAsync("DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = '40001'; END $$");
            }
        };

        var effect = await shop.OrderAsync(_key);

        Assert.Equal(3, shop.Runs);
        Assert.Equal([$"{effect.Id}"], await database.EffectsAsync(_key));
    }

    [Fact]
    public async Task A_save_that_is_refused_is_the_bodys_failure_and_can_be_kept()
    {
        await using var services = Services("AddDbContextFactory");
        var shop = new ContextShop(services.GetRequiredService<IdempotencyGuard>())
        {
            Then = static context =>
            {
                context.Effects.Add(new Effect(Guid.NewGuid(), null!));
                return Task.CompletedTask;
            },
        };

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => shop.OrderAsync(_key));

        Assert.IsType<PostgresException>(refused.InnerException);
        await Assert.ThrowsAsync<DbUpdateException>(() => shop.OrderAsync(_key));
        Assert.Equal(1, shop.Runs);
        Assert.Empty(await database.EffectsAsync(_key));
    }

    [Fact]
    public async Task Options_that_retry_by_themselves_are_refused_with_what_to_do()
    {
        await using var services = Services("AddDbContextFactory", static options => options.UseNpgsql(static npgsql => npgsql.EnableRetryOnFailure()));
        var shop = new ContextShop(services.GetRequiredService<IdempotencyGuard>());

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => shop.OrderAsync(_key));

        Assert.Contains("Leave EnableRetryOnFailure out", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, shop.Runs);
    }

    [Fact]
    public async Task A_context_that_nobody_registered_is_named_with_what_to_do()
    {
        await using var services = Services("");
        var shop = new ContextShop(services.GetRequiredService<IdempotencyGuard>());

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => shop.OrderAsync(_key));

        Assert.Contains("AddDbContextFactory<ShopContext>(…)", refused.Message, StringComparison.Ordinal);
    }

    private ServiceProvider Services(string registration, Action<DbContextOptionsBuilder>? configure = null)
    {
        void Configure(DbContextOptionsBuilder options)
        {
            options.UseNpgsql(database.Server.ConnectionString);
            configure?.Invoke(options);
        }

        var services = new ServiceCollection();
        _ = registration switch
        {
            "AddDbContextFactory" => services.AddDbContextFactory<ShopContext>(Configure),
            "AddPooledDbContextFactory" => services.AddPooledDbContextFactory<ShopContext>(Configure, poolSize: 1),
            "AddDbContext" => services.AddDbContext<ShopContext>(Configure),
            "AddDbContextPool" => services.AddDbContextPool<ShopContext>(Configure, poolSize: 1),
            _ => services,
        };
        services.AddIdempotency().UsePostgreSql(database.Source).UseDbContext<ShopContext>();
        return services.BuildServiceProvider(validateScopes: true);
    }
}
