namespace Idempotency.Transactions.Tests;

/// <summary>The same with Entity Framework.</summary>
public sealed partial class ContextShop(IdempotencyGuard guard)
{
    private int _runs;

    /// <summary>What the next bodies do after they have added their row, which they leave unsaved.</summary>
    public Func<ShopContext, Task> Then { get; set; } = static _ => Task.CompletedTask;

    public int Runs => _runs;

    [Idempotent(LockOn = [typeof(Microsoft.EntityFrameworkCore.DbUpdateException)])]
    public partial Task<Effect> OrderAsync(string key);

    private async Task<Effect> OrderCoreAsync(string key, ShopContext context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        Assert.Empty(context.ChangeTracker.Entries());
        var effect = new Effect(Guid.NewGuid(), key);
        await context.Effects.AddAsync(effect, cancellationToken);
        await Then(context);
        return effect;
    }
}
