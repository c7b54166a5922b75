using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.Generator.Tests;

/// <summary>What a guard looks like follows from the method, not from the settings of the project it is in.</summary>
public sealed class ProjectSettingsTests
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Collections.Immutable;
        using System.Threading;
        using System.Threading.Tasks;
        using Idempotency;

        """;

    // What the language got after C# 12.
    private static readonly string[] s_newer = ["params of a list"];

    public static IEnumerable<object[]> Settings =>
        from version in new[] { "12", "13", Compile.ParseOptions.SpecifiedLanguageVersion.ToDisplayString() }.Distinct()
        from nullable in Enum.GetValues<NullableContextOptions>()
        select new object[] { version, nullable };

    [Theory, MemberData(nameof(Settings))]
    public void Every_shape_compiles_without_a_warning(string version, NullableContextOptions nullable)
    {
        Assert.True(LanguageVersionFacts.TryParse(version, out var parsed));
        IEnumerable<object[]> shapes = SignatureTests.Working;

        Assert.All(shapes.Where(shape => version != "12" || !s_newer.Contains(shape[0])), shape =>
        {
            var run = GeneratorRun.On(Compile.Bare(new CSharpParseOptions(parsed), nullable, Usings + shape[1]));

            Assert.True(run.HasGuards);
            Assert.Empty(run.ComplaintsAboutGenerated);
        });
    }

    [Fact]
    public async Task Nothing_is_imported()
    {
        var run = Bare("""
            namespace Shop
            {
                public record Order(System.Guid Id, System.Collections.Generic.List<System.DateTime> Dates, Order[] Parts);

                public partial class Orders(Idempotency.IdempotencyGuard guard)
                {
                    [Idempotency.Idempotent(Ttl = "24h", LockOn = [typeof(System.TimeoutException)])]
                    public partial System.Threading.Tasks.Task<Order> PlaceAsync<T>(
                        Order order, System.ReadOnlyMemory<int> ids, T part, System.Threading.CancellationToken cancellation) where T : class, Idempotency.IIdempotencyKeyPart;
                    private System.Threading.Tasks.Task<Order> PlaceCoreAsync<T>(Order order, System.ReadOnlyMemory<int> ids, T part) => null!;
                }
            }
            """);

        Assert.Empty(run.Complaints);
        Assert.True(run.HasGuards);
        Assert.Empty(await run.AnalyzeAsync());
    }

    [Theory]
    [InlineData("Once")]
    [InlineData("OnceAttribute")]
    public async Task Names_may_be_aliases(string attribute)
    {
        var run = Bare(
            $$"""
            global using {{attribute}} = Idempotency.IdempotentAttribute;
            global using Key = Idempotency.IdempotencyKeyAttribute;
            global using Guard = Idempotency.IdempotencyGuard;
            global using Ct = System.Threading.CancellationToken;
            global using Work = System.Threading.Tasks.Task<int>;
            global using Pair = (int Left, string Right);
            global using Numbers = int[];
            global using Orders = System.Collections.Generic.List<Shop.Order>;
            global using Failure = System.TimeoutException;
            namespace Shop { public record Order(int Id); }
            """,
            """
            using Mine = Shop.Order;
            namespace Shop;
            public partial class Service(Guard guard)
            {
                [Once(LockOn = [typeof(Failure)])] public partial Work PlaceAsync([Key] Pair pair, Numbers numbers, Orders orders, Mine order, Ct token);
                private Work PlaceCoreAsync(Pair pair, Numbers numbers, Orders orders, Mine order, Ct token) => throw new Failure();
            }
            """);

        Assert.Empty(run.Complaints);
        Assert.True(run.HasGuards);
        Assert.Empty(await run.AnalyzeAsync());
    }

    [Fact]
    public async Task A_method_its_guard_and_its_body_may_stand_in_parts_of_their_own()
    {
        var run = GeneratorRun.On(
            "namespace Shop; partial class Outer<T> { public partial class Orders { private readonly IdempotencyGuard _guard; public Orders(IdempotencyGuard guard) => _guard = guard; } }",
            "namespace Shop; public partial class Outer<T> { partial class Orders { [Idempotent] public partial Task<T?> PlaceAsync(int id); } }",
            "namespace Shop { partial class Outer<T> where T : class { partial class Orders { private Task<T?> PlaceCoreAsync(int id) => Task.FromResult<T?>(null); } } }");

        Assert.Empty(run.Complaints);
        Assert.True(run.HasGuards);
        Assert.Empty(await run.AnalyzeAsync());
    }

    private static GeneratorRun Bare(params string[] sources) =>
        GeneratorRun.On(Compile.Bare(new CSharpParseOptions(LanguageVersion.CSharp12), NullableContextOptions.Enable, sources));
}
