using Microsoft.EntityFrameworkCore;

namespace Idempotency.Transactions.Tests;

/// <summary>The effects as entities.</summary>
public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<Effect> Effects => Set<Effect>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var effect = modelBuilder.Entity<Effect>();
        effect.ToTable("effects").HasKey(static effect => effect.Id);
        effect.Property(static effect => effect.Id).HasColumnName("id");
        effect.Property(static effect => effect.Key).HasColumnName("key");
    }
}
