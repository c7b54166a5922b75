using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Generator.Tests;

/// <summary>Code that could be walked for ever, or until the stack is full. An editor would hang, or close.</summary>
public sealed class EndlessCodeTests
{
    private static readonly string s_long = string.Join(" + ", Enumerable.Repeat("s", 5000));

    public static TheoryData<string, string> Code => new()
    {
        { "types that come to themselves in many ways", "[Idempotent] public partial Task<Node> XAsync(Node a); Task<Node> XCoreAsync(Node a) => null!; public record Node(int Id, Node? A, Node? B, Node? C, Node? D, Node? E, Node? F, Node? G, Node? H, Node? I, Node? J);" },
        { "types that all come to each other", "[Idempotent] public partial Task<A> XAsync(A a); Task<A> XCoreAsync(A a) => null!; " + string.Concat("ABCDEFGHIJ".Select(static name => $"public record {name}({string.Join(", ", "ABCDEFGHIJ".Select(static other => $"{other}? _{other}"))});")) },
        { "types that grow", "[Idempotent] public partial Task<G<int>> XAsync(G<int> a); Task<G<int>> XCoreAsync(G<int> a) => null!; public record G<T>(G<List<T>>? A, G<T[]>? B, G<(T, T)>? C);" },
        { "type parameters that are each other's constraint", "[Idempotent] public partial Task XAsync<T, U>(T a, U b) where T : U where U : T; Task XCoreAsync<T, U>(T a, U b) => Task.CompletedTask;" },
        { "types that are each other's base", "[Idempotent] public partial Task<P> XAsync(P a); Task<P> XCoreAsync(P a) => null!; public class P : Q { public int Id; } public class Q : P { public int No; }" },
        { "a struct in itself", "[Idempotent] public partial Task<S> XAsync(S a); Task<S> XCoreAsync(S a) => null!; public struct S { public S Inner; public int Id; }" },
        { "a type that is its own base", "class D : D { } partial class E : E { IdempotencyGuard g; [Idempotent] public partial Task XAsync(E a); Task XCoreAsync(E a) => Task.CompletedTask; }" },
        { "an interface that is its own", "[Idempotent] public partial Task<I> XAsync(I a); Task<I> XCoreAsync(I a) => null!; public interface I : J { int Id { get; } } public interface J : I { }" },
        { "a long expression", $"[Idempotent] public partial Task XAsync(string a); Task XCoreAsync(string a) => Task.CompletedTask; Task Y(string s) => XAsync({s_long});" },
        { "a long chain of calls", $"[Idempotent] public partial Task XAsync(string a); Task XCoreAsync(string a) => Task.CompletedTask; Task Y(string s) => XAsync(s{string.Concat(Enumerable.Repeat(".Trim()", 500))});" },
        { "a long template", $"[Idempotent(Key = \"{string.Concat(Enumerable.Repeat("{a}", 2000))}\")] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;" },
    };

    [Theory, MemberData(nameof(Code))]
    public async Task It_comes_to_an_end(string shape, string members)
    {
        var run = GeneratorRun.On(Sources.InClass(members));

        await run.AnalyzeAsync();
        Assert.NotEmpty(shape);
        Assert.Null(run.Result.Exception);
    }
}
