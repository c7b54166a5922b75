using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class MakePartialFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new MakePartialFix();

    [Fact]
    public Task A_type_becomes_partial_and_so_does_every_type_around_it() => BecomesAsync(
        "IDEM006",
        """
        public static class Outer
        {
            // One of many.
            partial record struct Middle
            {
                /// <summary>Charges.</summary>
                [Serializable]
                public sealed class Payments(IdempotencyGuard guard)
                {
                    [Idempotent]
                    public partial Task<string> ChargeAsync(int orderId);

                    private Task<string> ChargeCoreAsync(int orderId) => Task.FromResult($"charge {orderId}");
                }
            }
        }
        """,
        """
        public static partial class Outer
        {
            // One of many.
            partial record struct Middle
            {
                /// <summary>Charges.</summary>
                [Serializable]
                public sealed partial class Payments(IdempotencyGuard guard)
                {
                    [Idempotent]
                    public partial Task<string> ChargeAsync(int orderId);

                    private Task<string> ChargeCoreAsync(int orderId) => Task.FromResult($"charge {orderId}");
                }
            }
        }
        """,
        "Make 'Payments' partial");

    [Fact]
    public Task A_comment_stays_before_a_type_without_modifiers() => BecomesAsync(
        "IDEM006",
        """
        // Charges.
        record struct Payments(IdempotencyGuard Guard)
        {
            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) { }
        }
        """,
        """
        // Charges.
        partial record struct Payments(IdempotencyGuard Guard)
        {
            [Idempotent]
            public partial void Charge(int orderId);

            private void ChargeCore(int orderId) { }
        }
        """);

    [Fact]
    public Task All_types_become_partial() => AllBecomeAsync(
        "IDEM006",
        """
        class A(IdempotencyGuard guard)
        {
            class B(IdempotencyGuard guard)
            {
                [Idempotent] public partial void X(int a);
                private void XCore(int a) { }
            }

            [Idempotent] public partial void X(int a);
            private void XCore(int a) { }
            [Idempotent] public partial void Y(int a);
            private void YCore(int a) { }
        }

        public interface I { IdempotencyGuard Guard { get; } [Idempotent] public partial void X(int a); private void XCore(int a) { } }
        """,
        """
        partial class A(IdempotencyGuard guard)
        {
            partial class B(IdempotencyGuard guard)
            {
                [Idempotent] public partial void X(int a);
                private void XCore(int a) { }
            }

            [Idempotent] public partial void X(int a);
            private void XCore(int a) { }
            [Idempotent] public partial void Y(int a);
            private void YCore(int a) { }
        }

        public partial interface I { IdempotencyGuard Guard { get; } [Idempotent] public partial void X(int a); private void XCore(int a) { } }
        """);

    [Fact]
    public Task A_method_without_a_body_becomes_partial_with_its_type() => BecomesAsync(
        "IDEM002",
        """
        public class Payments(IdempotencyGuard guard)
        {
            /// <summary>Charges.</summary>
            [Idempotent]
            Task<string> ChargeAsync(int orderId);

            private Task<string> ChargeCoreAsync(int orderId) => Task.FromResult($"charge {orderId}");
        }
        """,
        """
        public partial class Payments(IdempotencyGuard guard)
        {
            /// <summary>Charges.</summary>
            [Idempotent]
            private partial Task<string> ChargeAsync(int orderId);

            private Task<string> ChargeCoreAsync(int orderId) => Task.FromResult($"charge {orderId}");
        }
        """,
        "Make 'ChargeAsync' partial");

    [Theory]
    [InlineData("public abstract class C { [Idempotent] public abstract void X(int a); }")]
    [InlineData("public interface I { [Idempotent] void X(int a); }")]
    [InlineData("public class C { [Idempotent] public void X(int a) { } }")]
    public Task A_method_that_is_abstract_or_has_a_body_is_left_alone(string source) => IsNotOfferedAsync("IDEM002", source);
}
