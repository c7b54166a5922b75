using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class RenameImplementationFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new RenameImplementationFix();

    [Fact]
    public Task An_implementing_part_becomes_the_body_and_its_attributes_the_declarations() => BecomesAsync(
        "IDEM002",
        """
        public partial class Payments(IdempotencyGuard guard)
        {
            /// <summary>Charges.</summary>
            public partial Task<string> ChargeAsync(int orderId, string note = "");

            public void Other() { }

            // How it is done.
            [Idempotent] // once
            [Obsolete("soon")]
            public async partial Task<string> ChargeAsync(int orderId, string note)
            {
                await Task.Yield();
                return $"charge {orderId} {note}";
            }
        }
        """,
        """
        public partial class Payments(IdempotencyGuard guard)
        {
            /// <summary>Charges.</summary>
            [Idempotent]
            [Obsolete("soon")]
            public partial Task<string> ChargeAsync(int orderId, string note = "");

            public void Other() { }

            // How it is done.
            private async Task<string> ChargeCoreAsync(int orderId, string note)
            {
                await Task.Yield();
                return $"charge {orderId} {note}";
            }
        }
        """,
        "Make the implementing part of 'ChargeAsync' its body 'ChargeCoreAsync'");

    [Fact]
    public Task All_implementing_parts_become_bodies() => AllBecomeAsync(
        "IDEM002",
        """
        partial class C(IdempotencyGuard guard)
        {
            [Idempotent]
            public partial int X(int a);

            public partial int X(int a) => a;

            [Idempotent]
            partial void Y(int a);
            partial void Y(int a) { }
        }
        """,
        """
        partial class C(IdempotencyGuard guard)
        {
            [Idempotent]
            public partial int X(int a);

            private int XCore(int a) => a;

            [Idempotent]
            partial void Y(int a);
            private void YCore(int a) { }
        }
        """);

    [Theory]
    [InlineData("[Idempotent] public partial int X(int a); public partial int X([System.ComponentModel.Description(\"x\")] int a) => a;")]
    [InlineData("[Idempotent] public partial int X(int a); public partial int X(int a) => a; const int XCore = 1;")]
    [InlineData("[Idempotent] public int X(int a) => a;")]
    public Task What_would_lose_something_is_left_alone(string members) =>
        IsNotOfferedAsync("IDEM002", $"partial class C(IdempotencyGuard guard) {{ {members} }}");
}
