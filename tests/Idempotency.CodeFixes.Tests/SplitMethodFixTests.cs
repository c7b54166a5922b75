using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class SplitMethodFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new SplitMethodFix();

    [Fact]
    public Task A_method_becomes_a_declaration_and_a_body() => BecomesAsync(
        "IDEM002",
        """
        namespace Shop;

        public class Payments(IdempotencyGuard guard)
        {
            // Called by the web shop.
            /// <summary>Charges.</summary>
            /// <param name="orderId">What is paid.</param>
            [Idempotent(Ttl = "24h")]
            [Obsolete("soon")] // not yet
            public virtual async Task<string> ChargeAsync(
                int orderId, // what is paid
                [System.ComponentModel.Description("why")] string? note = null,
                CancellationToken cancellationToken = default) // the caller's
            {
                // Wait for the bank.
                await Task.Delay(1, cancellationToken);

                return $"charge {orderId} {note}"; // done
            } // the end

            // Something else.
            public void Other() { }
        }
        """,
        """
        namespace Shop;

        public partial class Payments(IdempotencyGuard guard)
        {
            // Called by the web shop.
            /// <summary>Charges.</summary>
            /// <param name="orderId">What is paid.</param>
            [Idempotent(Ttl = "24h")]
            [Obsolete("soon")] // not yet
            public virtual partial Task<string> ChargeAsync(
                int orderId, // what is paid
                [System.ComponentModel.Description("why")] string? note = null,
                CancellationToken cancellationToken = default); // the caller's

            private async Task<string> ChargeCoreAsync(
                int orderId, // what is paid
                string? note,
                CancellationToken cancellationToken) // the caller's
            {
                // Wait for the bank.
                await Task.Delay(1, cancellationToken);

                return $"charge {orderId} {note}"; // done
            } // the end

            // Something else.
            public void Other() { }
        }
        """,
        "Make 'ChargeAsync' partial and move its body to 'ChargeCoreAsync'");

    public static TheoryData<string, string, string> Members => new()
    {
        {
            "an expression",
            "[Idempotent] public Task<int> XAsync(int a) => Task.FromResult(a); // same",
            "[Idempotent] public partial Task<int> XAsync(int a);\n\n    private Task<int> XCoreAsync(int a) => Task.FromResult(a); // same"
        },
        {
            "an expression on its own line",
            "[Idempotent]\n    public int X(int a) =>\n        a;",
            "[Idempotent]\n    public partial int X(int a);\n\n    private int XCore(int a) =>\n        a;"
        },
        {
            "a method without access",
            "[Idempotent]\n    async Task XAsync(int a) => await Task.Yield();",
            "[Idempotent]\n    private partial Task XAsync(int a);\n\n    private async Task XCoreAsync(int a) => await Task.Yield();"
        },
        {
            "void without access",
            "[Idempotent]\n    void X(int a) { }",
            "[Idempotent]\n    partial void X(int a);\n\n    private void XCore(int a) { }"
        },
        {
            "an unsafe method",
            "[Idempotent] public unsafe void X(int a) { var b = &a; }",
            "[Idempotent] public unsafe partial void X(int a);\n\n    private unsafe void XCore(int a) { var b = &a; }"
        },
        {
            "passed in",
            "[Idempotent] public void X(in decimal a, ref readonly int b) { }",
            "[Idempotent] public partial void X(in decimal a, ref readonly int b);\n\n    private void XCore(in decimal a, in int b) { }"
        },
        {
            "a generic method",
            "[Idempotent] public T X<T>(T a)\n        where T : IIdempotencyKeyPart\n    {\n        return a;\n    }",
            "[Idempotent] public partial T X<T>(T a)\n        where T : IIdempotencyKeyPart;\n\n    private T XCore<T>(T a)\n        where T : IIdempotencyKeyPart\n    {\n        return a;\n    }"
        },
        {
            "a chosen name",
            "[Idempotent(Body = \"Do\")] public void X(int a) { }",
            "[Idempotent(Body = \"Do\")] public partial void X(int a);\n\n    private void Do(int a) { }"
        },
        {
            "a name that is taken",
            "[Idempotent] public Task XAsync(int a) => Task.CompletedTask;\n\n    void XCoreAsync(string b) { }\n\n    const int XCoreAsync2 = 1;",
            "[Idempotent] public partial Task XAsync(int a);\n\n    private Task XCoreAsync(int a) => Task.CompletedTask;\n\n    void XCoreAsync(string b) { }\n\n    const int XCoreAsync2 = 1;"
        },
        {
            "a second name",
            "[Idempotent] public Task XAsync(int a) => Task.CompletedTask;\n\n    int XCoreAsync(int a) => a;",
            "[Idempotent] public partial Task XAsync(int a);\n\n    private Task XAsyncCore(int a) => Task.CompletedTask;\n\n    int XCoreAsync(int a) => a;"
        },
        {
            "the implementing part alone",
            "[Idempotent] public partial int X(int a) => a;",
            "[Idempotent] public partial int X(int a);\n\n    private int XCore(int a) => a;"
        },
    };

    [Theory, MemberData(nameof(Members))]
    public Task A_member_is_split(string what, string before, string after)
    {
        Assert.NotEmpty(what);
        return BecomesAsync(
            "IDEM002",
            $"partial class C(IdempotencyGuard guard)\n{{\n    {before}\n}}\n",
            $"partial class C(IdempotencyGuard guard)\n{{\n    {after}\n}}\n");
    }

    [Fact]
    public Task An_override_says_its_constraints_on_the_body() => BecomesAsync(
        "IDEM002",
        """
        public abstract class B(IdempotencyGuard guard) { protected IdempotencyGuard Guard => guard; public abstract T X<T>(T a) where T : class, IIdempotencyKeyPart; }

        public sealed class C(IdempotencyGuard g) : B(g)
        {
            [Idempotent]
            public override T X<T>(T a)
            {
                return a;
            }
        }
        """,
        """
        public abstract class B(IdempotencyGuard guard) { protected IdempotencyGuard Guard => guard; public abstract T X<T>(T a) where T : class, IIdempotencyKeyPart; }

        public sealed partial class C(IdempotencyGuard g) : B(g)
        {
            [Idempotent]
            public override partial T X<T>(T a);

            private T XCore<T>(T a) where T : class, IIdempotencyKeyPart
            {
                return a;
            }
        }
        """);

    [Fact]
    public Task A_method_of_an_interface_stays_public() => BecomesAsync(
        "IDEM002",
        "public interface I\n{\n    IdempotencyGuard Guard { get; }\n\n    [Idempotent]\n    void X(int a) { }\n}\n",
        "public partial interface I\n{\n    IdempotencyGuard Guard { get; }\n\n    [Idempotent]\n    public partial void X(int a);\n\n    private void XCore(int a) { }\n}\n");

    [Fact]
    public Task A_static_method_has_a_static_body_that_may_use_the_guard() => BecomesAsync(
        "IDEM002",
        "static class C\n{\n    [Idempotent] public static void X(this IdempotencyGuard g, params int[] a) { }\n}\n",
        "static partial class C\n{\n    [Idempotent] public static partial void X(this IdempotencyGuard g, params int[] a);\n\n    private static void XCore(IdempotencyGuard g, int[] a) { }\n}\n");

    [Fact]
    public Task Line_ends_and_tabs_stay_what_they_are() => BecomesAsync(
        "IDEM002",
        "class C(IdempotencyGuard guard)\r\n{\r\n\t[Idempotent]\r\n\tpublic int X(int a)\r\n\t{\r\n\t\treturn a;\r\n\t}\r\n}\r\n",
        "partial class C(IdempotencyGuard guard)\r\n{\r\n\t[Idempotent]\r\n\tpublic partial int X(int a);\r\n\r\n\tprivate int XCore(int a)\r\n\t{\r\n\t\treturn a;\r\n\t}\r\n}\r\n");

    [Fact]
    public Task All_methods_of_a_file_are_split() => AllBecomeAsync(
        "IDEM002",
        """
        public class A(IdempotencyGuard guard)
        {
            [Idempotent]
            public int X(int a) => a;

            [Idempotent]
            public int X(string a) => a.Length;

            public class B(IdempotencyGuard guard)
            {
                [Idempotent]
                public int X(int a) => a;
            }
        }
        """,
        """
        public partial class A(IdempotencyGuard guard)
        {
            [Idempotent]
            public partial int X(int a);

            private int XCore(int a) => a;

            [Idempotent]
            public partial int X(string a);

            private int XCore(string a) => a.Length;

            public partial class B(IdempotencyGuard guard)
            {
                [Idempotent]
                public partial int X(int a);

                private int XCore(int a) => a;
            }
        }
        """);

    [Theory]
    [InlineData("[Idempotent] public async void X(int a) => await Task.Yield();")]
    [InlineData("[Idempotent] public void X(int a) { } void XCore(int a) { }")]
    [InlineData("int XCore; [Idempotent] public void X(int a) { }")]
    [InlineData("[Idempotent(Body = \"not a name\")] public void X(int a) { }")]
    [InlineData("[Idempotent] public void X(\n#if OLD\nint b\n#else\nint a\n#endif\n) { }")]
    [InlineData("[Idempotent] public partial void X(int a); public partial void X(int a) { }")]
    public Task A_method_that_would_not_work_is_left_alone(string member) =>
        IsNotOfferedAsync("IDEM002", $"partial class C(IdempotencyGuard guard) {{ {member} }}");
}
