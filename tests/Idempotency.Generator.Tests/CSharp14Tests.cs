using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Generator.Tests;

/// <summary>What only C# 14 can say. The oldest compiler that the generator runs in does not know it.</summary>
public sealed class CSharp14Tests
{
    [Fact]
    public async Task A_member_of_an_extension_block_is_refused()
    {
        var run = GeneratorRun.On(
            "public static partial class C { extension(IdempotencyGuard guard) { [Idempotent] public partial Task XAsync(int a); } static Task XCoreAsync(int a) => Task.CompletedTask; }");

        Assert.Null(run.Result.Exception);
        Assert.False(run.HasGuards);
        Assert.Equal(["IDEM005"], (await run.AnalyzeAsync()).Select(static diagnostic => diagnostic.Id).Distinct());
    }

    [Fact]
    public void A_result_whose_getter_writes_to_its_field_is_not_immutable()
    {
        var run = GeneratorRun.On("""
            public partial class C(IdempotencyGuard guard) { [Idempotent] public partial Task<Counts> XAsync(int a); Task<Counts> XCoreAsync(int a) => null!; }
            public sealed class Counts { public int Id { get => field++; init; } }
            """);

        Assert.Empty(run.Complaints);
        Assert.DoesNotContain("ResultIsImmutable = true", run.Result.GeneratedSources[0].SourceText.ToString(), StringComparison.Ordinal);
    }
}
