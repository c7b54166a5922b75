using System.Reflection;
using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Generator.Tests;

/// <summary>Generated files as users meet them in their editor and debugger.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void Policies() => Match("""
        namespace Shop;

        public record Invoice(int Id, decimal Amount);

        public class PaymentDeclinedException(string message, string code) : Exception(message)
        {
            public string Code => code;
        }

        public sealed partial class Invoices(IdempotencyGuard guard)
        {
            [Idempotent(Ttl = "24h", OnDuplicate = OnDuplicate.Wait, OnFailure = OnFailure.Unlock, LockOn = [typeof(PaymentDeclinedException)])]
            public partial Task<Invoice> CreateInvoiceAsync(int userId, decimal amount, CancellationToken cancellationToken = default);

            private async Task<Invoice> CreateInvoiceCoreAsync(int userId, decimal amount, CancellationToken cancellationToken)
            {
                await Task.Yield();
                return new Invoice(userId, amount);
            }
        }
        """);

    [Fact]
    public void Results() => Match("""
        public partial class Results(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task TaskAsync(int a);
            private Task TaskCoreAsync(int a) => Task.CompletedTask;

            [Idempotent] public partial ValueTask<List<int>> ListAsync(int a);
            private ValueTask<List<int>> ListCoreAsync(int a, IdempotencyContext context) => default;

            [Idempotent] public partial ValueTask ValueTaskAsync(int a);
            private static ValueTask ValueTaskCoreAsync(int a) => default;

            [Idempotent] public partial string? Text(int a);
            private string? TextCore(int a) => null;

            [Idempotent] partial void Nothing();
            private void NothingCore() { }
        }
        """);

    [Fact]
    public void Keys() => Match("""
        namespace Shop;

        public enum Color : byte { Red }
        public readonly record struct Money(decimal Amount, string Currency);
        public record Customer(string Name, Customer? Referrer, [property: IdempotencyIgnore] DateTime LastSeen);
        public sealed class Order
        {
            public Guid Id { get; init; }
            public Customer? Customer { get; init; }
            public List<Money?> Prices { get; init; } = [];
            public Dictionary<string, int[]>? Notes { get; init; }
            public ImmutableArray<byte> Signature { get; init; }
        }

        public sealed class Tenant(string name) : IIdempotencyKeyPart
        {
            public void WriteTo(ref Idempotency.Keys.KeyWriter key) => key.Add(name);
        }

        public partial class Orders(IdempotencyGuard guard)
        {
            [Idempotent]
            public partial Task PlaceAsync(Order order, Tenant? tenant, Color? color, (int, string?) pair, HashSet<Color> colors, ReadOnlyMemory<int> ids, nint handle);
            private Task PlaceCoreAsync(Order order, Tenant? tenant, Color? color, (int, string?) pair, HashSet<Color> colors, ReadOnlyMemory<int> ids, nint handle) => Task.CompletedTask;

            [Idempotent]
            public partial Task PayAsync([IdempotencyKey] Guid payment, Money money, [IdempotencyIgnore] object trace);
            private Task PayCoreAsync(Guid payment, Money money, object trace) => Task.CompletedTask;
        }
        """);

    [Fact]
    public void Key_members() => Match("""
        public record Command([property: IdempotencyKey] Guid Id, string Text);

        public partial class Commands(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task RunAsync(Command command, int attempt);
            private Task RunCoreAsync(Command command, int attempt) => Task.CompletedTask;
        }
        """);

    [Fact]
    public void Template() => Match("""
        public record Customer(string Name);
        public record Order(Guid Id, Customer? Customer);

        public partial class Orders(IdempotencyGuard guard)
        {
            [Idempotent(Name = "orders.place", Version = 2, Key = "order:{user}:{order.Id}:{order.Customer.Name}{{}}")]
            public partial Task PlaceAsync(int user, Order order, string note);
            private Task PlaceCoreAsync(int user, Order order, string note) => Task.CompletedTask;
        }
        """);

    [Fact]
    public void Generics() => Match("""
        public partial class Outer<T>
            where T : class
        {
            public partial struct Repository(IdempotencyGuard guard)
            {
                [Idempotent] public readonly partial Task<TItem?> SaveAsync<TItem>(TItem item, int id) where TItem : class, IIdempotencyKeyPart, new();
                private static Task<TItem?> SaveCoreAsync<TItem>(TItem item, int id) where TItem : class, IIdempotencyKeyPart, new() => Task.FromResult<TItem?>(item);
            }
        }
        """);

    [Fact]
    public void Transactions() => Match("""
        using System.Data.Common;

        namespace Shop
        {
            public abstract class SqlTransaction : DbTransaction;
            public class ShopContext : Microsoft.EntityFrameworkCore.DbContext;

            public partial class Orders(IdempotencyGuard guard)
            {
                [Idempotent(OnDuplicate = OnDuplicate.Throw)] public partial Task<int> PlaceAsync(int a, string b, CancellationToken token);
                private Task<int> PlaceCoreAsync(int a, SqlTransaction transaction, string b, CancellationToken token) => Task.FromResult(a);

                [Idempotent] public partial void Cancel(int a);
                private static void CancelCore(DbTransaction? transaction, IdempotencyContext context, int a) { }

                [Idempotent] public partial Task ShipAsync();
                private Task ShipCoreAsync(ShopContext orders) => Task.CompletedTask;

                [Idempotent] public partial Task PassAsync(int a, [IdempotencyIgnore] SqlTransaction transaction);
                private Task PassCoreAsync(int a, SqlTransaction transaction) => Task.CompletedTask;
            }
        }

        namespace Microsoft.EntityFrameworkCore
        {
            public class DbContext;
        }
        """);

    [Fact]
    public void Every_accepted_file_has_a_test() => Assert.Subset(
        typeof(SnapshotTests).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(static m => m.Name).ToHashSet(),
        Snapshot.Accepted().ToHashSet());

    private static void Match(string source, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var run = GeneratorRun.On(source);

        Assert.Empty(run.Complaints);
        Snapshot.Match(run, name);
    }
}
