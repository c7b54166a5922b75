using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.Generator.Tests;

/// <summary>Whatever the language takes for a name, the generator writes so that it is one.</summary>
public sealed class IdentifierTests
{
    // But not 'var': where a type is called that, no code around it can infer one.
    public static TheoryData<string> Names =>
    [
        .. SyntaxFacts.GetReservedKeywordKinds().Concat(SyntaxFacts.GetContextualKeywordKinds()).Distinct().Select(SyntaxFacts.GetText)
            .Concat(["dynamic", "nint", "nuint", "notnull", "value", "extension", "allows"]).Distinct()
            .Where(static word => word != "var" && word.All(char.IsAsciiLetter)).Select(static word => "@" + word),
        "ä", "日本語", "имя", "e\u0301te\u0301", "a\u200db", "ℵ0", "_", "__", "\\u0061bc", "cl\\u0061ss", "\\u0061wait", "Ａ", "ﬁ", "İ", "ı",
    ];

    [Theory, MemberData(nameof(Names))]
    public async Task A_name_may_stand_everywhere(string name)
    {
        var run = GeneratorRun.On($$"""
            #pragma warning disable CS8981 // a name of lower-case letters only
            namespace Types
            {
                public enum {{name}} { A }
            }

            namespace {{name}}.Inner.{{name}}
            {
                public record Item(Types.{{name}} {{name}}, int? Number);

                public class FailureException(string {{name}}, string message) : Exception(message) { public string {{name}} { get; } = {{name}}; }

                public partial class Outer<{{name}}> where {{name}} : class
                {
                    public partial class Inner{{name.TrimStart('@')}}(IdempotencyGuard guard)
                    {
                        [Idempotent(LockOn = [typeof(FailureException)])] public partial Task<{{name}}?> XAsync(Item item, CancellationToken {{name}});
                        private Task<{{name}}?> XCoreAsync(Item item) => Task.FromResult<{{name}}?>(null);
                    }
                }

                public partial class {{name}}
                {
                    private readonly IdempotencyGuard {{name}}Guard = null!;
                    [Idempotent] public partial Task YAsync<T>(T {{name}}, Types.{{name}} other, Item? item) where T : struct, IIdempotencyKeyPart;
                    private Task YCoreAsync<T>(T a, Types.{{name}} b, Item? c) where T : struct, IIdempotencyKeyPart => Task.CompletedTask;
                    [Idempotent] public partial Task ZAsync<{{name}}>({{name}} a, List<{{name}}?> b) where {{name}} : class, IIdempotencyKeyPart, IComparable<{{name}}>;
                    private Task ZCoreAsync<{{name}}>({{name}} a, List<{{name}}?> b) where {{name}} : class, IIdempotencyKeyPart, IComparable<{{name}}> => Task.CompletedTask;
                    [Idempotent(Key = "{item.Number}:{other}")] public partial int V(Item? item, int? {{name}}, int other);
                    private int VCore(Item? item, int? a, int b) => b;
                }

                public static partial class Methods
                {
                    [Idempotent(Body = "Body")] public static partial Task {{name}}(IdempotencyGuard {{name}}, int? a);
                    private static Task Body(int? a) => Task.CompletedTask;
                }

                public partial struct Guards
                {
                    private IdempotencyGuard {{name}} { get; }
                    [Idempotent] public partial Task XAsync(int a);
                    private static Task XCoreAsync(int a) => Task.CompletedTask;
                }
            }
            """);

        Assert.Empty(run.ComplaintsAboutGenerated);
        Assert.Equal(4, run.Result.GeneratedSources.Length);
        Assert.Empty(await run.AnalyzeAsync());
    }

    [Theory]
    [InlineData("b\\u006Fdy", "body")]
    [InlineData("@b\\U0000006fdy", "body")]
    [InlineData("@event", "@event")]
    [InlineData("e\u0301", "e\u0301")]
    public void A_name_may_be_written_differently_where_it_is_used(string declared, string used)
    {
        var run = GeneratorRun.On($$"""
            public partial class C(IdempotencyGuard {{declared}}2, IdempotencyGuard other)
            {
                public object Other => other;
                [Idempotent(Guard = nameof({{used}}2), Body = nameof({{used}}), Key = "{a.{{used.TrimStart('@')}}}")] public partial Task XAsync(Item a);
                private Task {{declared}}(Item a) => Task.CompletedTask;
            }

            public record Item(int {{declared}});
            """);

        Assert.True(run.HasGuards);
        Assert.Empty(run.Complaints);
    }
}
