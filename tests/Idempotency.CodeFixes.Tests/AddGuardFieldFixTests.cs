using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class AddGuardFieldFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new AddGuardFieldFix();

    [Fact]
    public Task A_type_without_constructors_gets_one() => BecomesAsync(
        "IDEM003",
        """
        public partial class Payments
        {
            // What it is for.
            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) { }
        }
        """,
        """
        public partial class Payments
        {
            private readonly IdempotencyGuard _guard;

            public Payments(IdempotencyGuard guard) => _guard = guard;

            // What it is for.
            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) { }
        }
        """,
        "Keep the guard in a field of 'Payments', set by a new constructor");

    [Fact]
    public Task Every_constructor_takes_it_and_one_hands_it_to_the_other() => BecomesAsync(
        "IDEM003",
        """
        public abstract partial class Payments
        {
            private readonly int _id;

            protected Payments(int id)
            {
                _id = id;
            }

            protected Payments(string id, int more = 1)
                : this(more) => Console.WriteLine(id);

            protected Payments() => _id = 1; // the first

            protected Payments(long id) { _id = (int)id; }

            protected Payments(object id) {}

            protected Payments(char id) => throw new ArgumentException("no", nameof(id));

            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) => Console.WriteLine(_id);
        }
        """,
        """
        public abstract partial class Payments
        {
            private readonly IdempotencyGuard _guard;
            private readonly int _id;

            protected Payments(int id, IdempotencyGuard guard)
            {
                _guard = guard;
                _id = id;
            }

            protected Payments(string id, IdempotencyGuard guard, int more = 1)
                : this(more, guard: guard) => Console.WriteLine(id);

            protected Payments(IdempotencyGuard guard)
            {
                _guard = guard;
                _id = 1;
            } // the first

            protected Payments(long id, IdempotencyGuard guard) { _guard = guard; _id = (int)id; }

            protected Payments(object id, IdempotencyGuard guard) { _guard = guard; }

            protected Payments(char id, IdempotencyGuard guard) => throw new ArgumentException("no", nameof(id));

            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) => Console.WriteLine(_id);
        }
        """,
        "Keep the guard in a field of 'Payments', set by its constructors");

    [Fact]
    public async Task A_constructor_in_another_file_is_changed_there()
    {
        var mended = await Editor.Open(
            "partial class C\n{\n    [Idempotent] public partial void X(int a);\n    private void XCore(int a) { }\n}\n",
            "partial class C\n{\n\tpublic C()\n\t{\n\t}\n}\n").FixAsync(Fix, "IDEM003");

        Assert.Equal(
            "partial class C\n{\n    private readonly IdempotencyGuard _guard;\n\n    [Idempotent] public partial void X(int a);\n    private void XCore(int a) { }\n}\n",
            await mended.TextAsync());
        Assert.Equal("partial class C\n{\n\tpublic C(IdempotencyGuard guard)\n\t{\n\t\t_guard = guard;\n\t}\n}\n", await mended.TextAsync(1));
        Assert.Empty(await mended.ComplaintsAsync());
    }

    [Fact]
    public Task A_primary_constructor_is_left_to_the_other_fix() => IsNotOfferedAsync(
        "IDEM003", "partial class C(int id) { public int Id => id; [Idempotent] public partial void X(int a); private void XCore(int a) { } }");
}
