using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class CallGuardedFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new CallGuardedFix();

    [Theory]
    [InlineData("await XCoreAsync(1, \"b\", default);", "await XAsync(1, \"b\", default);")]
    [InlineData("await this.XCoreAsync(1, /* name */ \"b\", default) /* done */;", "await this.XAsync(1, /* name */ \"b\", default) /* done */;")]
    [InlineData("await new C(null!).XCoreAsync(1, \"b\", cancellation: default);", "await new C(null!).XAsync(1, \"b\", token: default);")]
    [InlineData("await XCoreAsync(cancellation: default, name: \"b\", id: 1);", "await XAsync(token: default, b: \"b\", a: 1);")]
    [InlineData("C? c = this; await (c?.XCoreAsync(1, \"b\", default) ?? Task.CompletedTask);", "C? c = this; await (c?.XAsync(1, \"b\", default) ?? Task.CompletedTask);")]
    [InlineData("await WithContextCoreAsync(null!, 1);", "await WithContextAsync(1);")]
    [InlineData("await TokenFirstCoreAsync(default, 1);", "await TokenFirstAsync(token: default, a: 1);")]
    [InlineData("await GenericCoreAsync<Guid>(default, 1);", "await GenericAsync<Guid>(default, 1);")]
    [InlineData("await C.StaticCoreAsync(1, null!);", "await C.StaticAsync(1, null!);")]
    public Task The_guarded_method_is_called(string call, string mended) => BecomesAsync("IDEM032", Source(call), Source(mended), title: null);

    [Fact]
    public Task All_calls_are_mended_at_once() => AllBecomeAsync(
        "IDEM032",
        Source("await XCoreAsync(1, \"b\", default); await WithContextCoreAsync(null!, 1);"),
        Source("await XAsync(1, \"b\", default); await WithContextAsync(1);"));

    [Theory]
    [InlineData("Helper(this); static void Helper(C c) => c.StaticBodyCoreAsync(1);")]
    [InlineData("await NeedsGuardCoreAsync(1);")]
    public Task What_would_not_compile_is_left_to_a_person(string call) => IsNotOfferedAsync("IDEM032", Source(call.Replace("c.Static", "C.Static", StringComparison.Ordinal)));

    private static string Source(string call) => $$"""
        public partial class C(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task XAsync(int a, string b, CancellationToken token = default);
            internal Task XCoreAsync(int id, string name, CancellationToken cancellation) => Task.CompletedTask;

            [Idempotent] public partial Task WithContextAsync(int a);
            Task WithContextCoreAsync(IdempotencyContext context, int a) => Task.CompletedTask;

            [Idempotent] public partial Task TokenFirstAsync(int a, CancellationToken token = default);
            Task TokenFirstCoreAsync(CancellationToken token, int a) => Task.CompletedTask;

            [Idempotent] public partial Task GenericAsync<T>([IdempotencyIgnore] T a, int b);
            Task GenericCoreAsync<T>(T a, int b) => Task.CompletedTask;

            [Idempotent] public static partial Task StaticAsync(int a, IdempotencyGuard guard);
            static Task StaticCoreAsync(int a, IdempotencyGuard guard) => Task.CompletedTask;

            [Idempotent] public partial Task StaticBodyAsync(int a);
            static Task StaticBodyCoreAsync(int a) => Task.CompletedTask;

            [Idempotent] public static partial Task NeedsGuardAsync(int a, IdempotencyGuard guard);
            static Task NeedsGuardCoreAsync(int a) => Task.CompletedTask;

            public async Task Y()
            {
                await Task.Yield();
                {{call}}
            }
        }
        """;
}
