using System.Data.Common;
using Idempotency.Storage;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Idempotency.Runtime.Tests.Transactions;

/// <summary>What a body is given of its transaction, and what is said when it cannot be given that.</summary>
public sealed class TransactionViewTests
{
    private static readonly IdempotentOperation<int> s_wantsNotes = new("test.transfer") { Transaction = typeof(Notes) };

    [Fact]
    public async Task What_the_body_left_unsaved_is_saved_before_the_commit_and_then_disposed_of()
    {
        var adapter = new NotesAdapter();
        using var test = new TransactionTest(null, adapter);

        Assert.Equal(1, await test.CallAsync(s_wantsNotes, static context =>
        {
            context.GetTransaction<Notes>().Unsaved.Add("note");
            return Task.CompletedTask;
        }));

        Assert.Equal(["note"], test.Database.Effects);
        Assert.Equal(1, adapter.Disposed);
    }

    [Fact]
    public async Task A_save_that_conflicts_repeats_everything_with_a_fresh_view()
    {
        var adapter = new NotesAdapter();
        adapter.OnSave = () => adapter.Made == 1 ? throw new DatabaseException("40001", TransactionFate.Conflict) : true;
        using var test = new TransactionTest(null, adapter);

        Assert.Equal(2, await test.EndAsync(test.CallAsync(s_wantsNotes)));
        Assert.Equal((2, 2), (adapter.Made, adapter.Disposed));
    }

    [Fact]
    public async Task A_save_that_fails_is_the_bodys_failure()
    {
        var adapter = new NotesAdapter { OnSave = static () => throw new FormatException("too long") };
        using var test = new TransactionTest(null, adapter);
        var locks = new IdempotentOperation<int>("test.transfer") { Transaction = typeof(Notes), LockOn = [typeof(FormatException)] };

        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(locks));
        await Assert.ThrowsAsync<OperationFailedException>(() => test.CallAsync(locks));
        Assert.Equal(1, adapter.Disposed);
    }

    [Fact]
    public async Task Adapters_are_found_among_the_services()
    {
        var adapter = new NotesAdapter();
        var services = new ServiceCollection().AddSingleton<ITransactionAdapter>(adapter);
        services.AddIdempotency().UseStore(_ => new Database(TimeProvider.System));
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<IdempotencyGuard>().RunAsync(s_wantsNotes, "key", static context =>
        {
            context.GetTransaction<Notes>().Unsaved.Add("note");
            return Task.FromResult(1);
        });

        Assert.Equal(1, adapter.Disposed);
    }

    [Fact]
    public async Task A_store_without_transactions_is_refused_by_name_with_what_to_do()
    {
        using var guard = IdempotencyGuard.Create(new MemoryStore());

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => guard.RunAsync(TransactionTest.Operation, "key", static _ => Task.FromResult(1)));

        Assert.Contains("'test.transfer'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'Idempotency.MemoryStore', has no transactions", refused.Message, StringComparison.Ordinal);
        Assert.Contains("UsePostgreSql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_of_another_database_is_refused_with_both_types_and_nothing_is_left_open()
    {
        using var test = new TransactionTest();
        var other = new IdempotentOperation<int>("test.transfer") { Transaction = typeof(OtherTransaction) };

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => test.CallAsync(other));

        Assert.Contains(nameof(OtherTransaction), refused.Message, StringComparison.Ordinal);
        Assert.Contains("Database+Transaction", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), (test.Runs, test.Database.Open));
    }

    [Fact]
    public async Task Something_that_nothing_makes_is_refused_before_a_connection_is_opened()
    {
        using var test = new TransactionTest();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => test.CallAsync(s_wantsNotes));

        Assert.Contains("UseDbContext<Notes>()", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, test.Database.Count(DatabaseStep.Begin));
    }

    [Fact]
    public async Task A_body_that_asks_for_another_type_or_without_a_transaction_is_told_what_to_set()
    {
        using var test = new TransactionTest();
        using var plain = IdempotencyGuard.Create(new MemoryStore());

        await Assert.ThrowsAsync<InvalidOperationException>(() => test.CallAsync(body: static context => Task.FromResult(context.GetTransaction<Notes>())));
        var none = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            plain.RunAsync(new IdempotentOperation<int>("plain"), "key", static context => Task.FromResult(context.GetTransaction<Notes>().Unsaved.Count)));

        Assert.Contains("Transaction = typeof(Notes)", none.Message, StringComparison.Ordinal);
    }

    private sealed class Notes(Database.Transaction transaction) : ITransactionView
    {
        private bool _isDisposed;

        public List<string> Unsaved { get; } = [];

        public required NotesAdapter Adapter { get; init; }

        public object Value => this;

        public ValueTask SaveAsync(CancellationToken cancellationToken)
        {
            _ = Adapter.OnSave();
            Unsaved.ForEach(transaction.Add);
            return default;
        }

        public ValueTask DisposeAsync()
        {
            Adapter.Disposed += _isDisposed ? 0 : 1;
            _isDisposed = true;
            return default;
        }
    }

    private sealed class NotesAdapter : ITransactionAdapter
    {
        public Func<bool> OnSave { get; set; } = static () => true;

        public int Made { get; private set; }

        public int Disposed { get; set; }

        public bool Makes(Type wanted) => wanted == typeof(Notes);

        public ValueTask<ITransactionView> MakeAsync(DbTransaction transaction, CancellationToken cancellationToken)
        {
            Made++;
            return new ValueTask<ITransactionView>(new Notes((Database.Transaction)transaction) { Adapter = this });
        }
    }

    private abstract class OtherTransaction : DbTransaction;
}
