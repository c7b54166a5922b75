using System.Globalization;
using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class AddBodyFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new AddBodyFix();

    [Fact]
    public Task A_body_is_added_below_its_declaration() => BecomesAsync(
        "IDEM001",
        """
        public partial class Payments(IdempotencyGuard guard)
        {
            /// <summary>Charges.</summary>
            [Idempotent]
            public partial Task<string?> ChargeAsync(
                [IdempotencyKey] System.Guid id, // the intent
                List<string?> lines,
                int count = 1,
                CancellationToken cancellationToken = default);

            public void Other() { }
        }
        """,
        """
        public partial class Payments(IdempotencyGuard guard)
        {
            /// <summary>Charges.</summary>
            [Idempotent]
            public partial Task<string?> ChargeAsync(
                [IdempotencyKey] System.Guid id, // the intent
                List<string?> lines,
                int count = 1,
                CancellationToken cancellationToken = default);

            private async Task<string?> ChargeCoreAsync(
                System.Guid id, // the intent
                List<string?> lines,
                int count,
                CancellationToken cancellationToken)
            {
                throw new NotImplementedException();
            }

            public void Other() { }
        }
        """,
        "Add body method 'ChargeCoreAsync'");

    [Theory]
    [InlineData("public partial void X(int a);", "private void XCore(int a)")]
    [InlineData("public partial Task X(int a);", "private async Task XCore(int a)")]
    [InlineData("protected internal virtual partial ValueTask<int> XAsync(params int[] a);", "private async ValueTask<int> XCoreAsync(int[] a)")]
    [InlineData("public static partial int X(IdempotencyGuard g, int @event, IdempotencyGuard h);", "private static int XCore(int @event)", "Guard = \"g\"")]
    [InlineData("public partial T X<T>(T a) where T : class, IIdempotencyKeyPart;", "private T XCore<T>(T a) where T : class, IIdempotencyKeyPart")]
    [InlineData("public partial void X(int a);", "private void Do(int a)", "Body = \"Do\"")]
    [InlineData("public partial void X(int a); // charges\n\n    void XCore(string a) { }", "private void XCore(int a)")]
    public async Task A_body_has_the_signature_the_rule_asks_for(string declaration, string expected, string arguments = "")
    {
        var editor = Editor.Open($"partial class C(IdempotencyGuard guard)\n{{\n    public object Used => guard;\n\n    [Idempotent({arguments})]\n    {declaration}\n}}\n");
        var message = (await editor.AnalyzeAsync()).Single(static found => found.Id == "IDEM001").GetMessage(CultureInfo.InvariantCulture);

        var mended = await editor.FixAsync(Fix, "IDEM001");

        Assert.Contains($"write '{expected}'", message, StringComparison.Ordinal);
        Assert.Contains($"\n\n    {expected}\n    {{\n        throw new NotImplementedException();\n    }}\n", await mended.TextAsync(), StringComparison.Ordinal);
        Assert.Empty(await mended.ComplaintsAsync());
    }

    [Fact]
    public Task A_type_on_one_line_gets_a_body_on_its_own() => BecomesAsync(
        "IDEM001",
        "partial struct C(IdempotencyGuard guard) { [Idempotent] public readonly partial void X(int a); }",
        "partial struct C(IdempotencyGuard guard) { [Idempotent] public readonly partial void X(int a); \n\nprivate readonly void XCore(int a)\n{\n    throw new NotImplementedException();\n}\n}");

    [Theory]
    [InlineData("[Idempotent] public partial void X(int a); int XCore(int a) => a;")]
    [InlineData("[Idempotent] public partial void X(int a); int XCore;")]
    [InlineData("[Idempotent(Body = \"not a name\")] public partial void X(int a);")]
    public Task A_name_that_is_taken_is_left_to_a_person(string members) =>
        IsNotOfferedAsync("IDEM001", $"partial class C(IdempotencyGuard guard) {{ {members} }}");
}
