using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class AddGuardParameterFixTests : FixTest
{
    private const string Members = " { [Idempotent] public partial void X(int a); private void XCore(int a) { } }";

    private protected override CodeFixProvider Fix => new AddGuardParameterFix();

    [Fact]
    public Task A_type_gets_a_primary_constructor() => BecomesAsync(
        "IDEM003",
        """
        /// <summary>Charges.</summary>
        public sealed partial class Payments<T> // money
            where T : class
        {
            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) { }
        }
        """,
        """
        /// <summary>Charges.</summary>
        public sealed partial class Payments<T>(IdempotencyGuard guard) // money
            where T : class
        {
            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) { }
        }
        """,
        "Take the guard as primary-constructor parameter 'guard' of 'Payments'");

    [Theory]
    [InlineData("class C" + Members, "class C(IdempotencyGuard guard)" + Members)]
    [InlineData("class C()" + Members, "class C(IdempotencyGuard guard)" + Members)]
    [InlineData("class C : object" + Members, "class C(IdempotencyGuard guard) : object" + Members)]
    [InlineData("struct C" + Members, "struct C(IdempotencyGuard guard)" + Members)]
    [InlineData("record C(int Id)" + Members, "record C(int Id, IdempotencyGuard Guard)" + Members)]
    [InlineData("record struct C(int Id)" + Members, "record struct C(int Id, IdempotencyGuard Guard)" + Members)]
    [InlineData("class C(int id, string name = \"\", params int[] more) { public object Used => (id, name, more);" + Tail, "class C(int id, IdempotencyGuard guard, string name = \"\", params int[] more) { public object Used => (id, name, more);" + Tail)]
    [InlineData("class C(\n    int id, // which\n    string name) { public object Used => (id, name);" + Tail, "class C(\n    int id, // which\n    string name,\n    IdempotencyGuard guard) { public object Used => (id, name);" + Tail)]
    [InlineData("class C(int id) { public object Used => id; public C() : this(1) { }" + Tail, "class C(int id, IdempotencyGuard guard) { public object Used => id; public C(IdempotencyGuard guard) : this(1, guard: guard) { }" + Tail)]
    [InlineData("class C { public const int guard = 1;" + Tail, "class C(IdempotencyGuard idempotencyGuard) { public const int guard = 1;" + Tail)]
    public Task A_parameter_is_added(string before, string after) => BecomesAsync("IDEM003", $"partial {before}", $"partial {after}");

    [Fact]
    public async Task A_primary_constructor_in_another_file_is_changed_there()
    {
        var mended = await Editor.Open("partial class C" + Members, "partial class C(int id) { public int Id => id; }").FixAsync(Fix, "IDEM003");

        Assert.Equal("partial class C" + Members, await mended.TextAsync());
        Assert.Equal("partial class C(int id, IdempotencyGuard guard) { public int Id => id; }", await mended.TextAsync(1));
        Assert.Empty(await mended.ComplaintsAsync());
    }

    [Theory]
    [InlineData("class C { public C() { }" + Tail)]
    [InlineData("class C(IdempotencyGuard guard) { [Idempotent] public partial void X(int guard); private void XCore(int guard) { } }")]
    [InlineData("class C { [Idempotent(Guard = \"other\")] public partial void X(int a); private void XCore(int a) { } }")]
    [InlineData("class C { [Idempotent] public static partial void X(int a); private static void XCore(int a) { } }")]
    [InlineData("interface C" + Members)]
    public Task Where_another_change_is_needed_none_is_offered(string type) => IsNotOfferedAsync("IDEM003", $"partial {type}");

    private const string Tail = " [Idempotent] public partial void X(int a); private void XCore(int a) { } }";
}
