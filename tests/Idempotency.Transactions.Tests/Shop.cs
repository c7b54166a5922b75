using Npgsql;

namespace Idempotency.Transactions.Tests;

/// <summary>Methods that leave a row for each time their body was committed. Generated code runs them.</summary>
public sealed partial class Shop(IdempotencyGuard guard)
{
    private int _runs;

    /// <summary>What the next bodies do after their row.</summary>
    public Func<NpgsqlTransaction, Task> Then { get; set; } = static _ => Task.CompletedTask;

    /// <summary>How often a body was started.</summary>
    public int Runs => Volatile.Read(ref _runs);

    [Idempotent]
    public partial Task<Guid> OrderAsync(string key, CancellationToken cancellationToken = default);

    private Task<Guid> OrderCoreAsync(string key, NpgsqlTransaction transaction) => RunAsync(key, transaction);

    [Idempotent(OnDuplicate = OnDuplicate.Wait, WaitTimeout = "30s")]
    public partial Task<Guid> OrderWaitingAsync(string key, CancellationToken cancellationToken = default);

    private Task<Guid> OrderWaitingCoreAsync(NpgsqlTransaction transaction, string key) => RunAsync(key, transaction);

    [Idempotent(OnFailure = OnFailure.Lock, OnDuplicate = OnDuplicate.Throw)]
    public partial Task<Guid> OrderStrictlyAsync(string key);

    private Task<Guid> OrderStrictlyCoreAsync(string key, System.Data.Common.DbTransaction transaction) => RunAsync(key, (NpgsqlTransaction)transaction);

    [Idempotent]
    public partial Guid Order(string key);

    private Guid OrderCore(string key, NpgsqlTransaction transaction, IdempotencyContext context)
    {
        Assert.Same(transaction, context.GetTransaction<NpgsqlTransaction>());
        return RunAsync(key, transaction).GetAwaiter().GetResult();
    }

    private async Task<Guid> RunAsync(string key, NpgsqlTransaction transaction)
    {
        Interlocked.Increment(ref _runs);
        var id = Guid.NewGuid();
        await using var command = new NpgsqlCommand("INSERT INTO effects (key, id) VALUES ($1, $2)", transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        await command.ExecuteNonQueryAsync();
        await Then(transaction);
        return id;
    }
}
