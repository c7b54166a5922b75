using System.Collections;
using System.Reflection;
using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using static Microsoft.CodeAnalysis.IncrementalStepRunReason;

namespace Idempotency.Generator.Tests;

public sealed class IncrementalTests
{
    private const string Source = """
        namespace Shop;

        public partial class Invoices(IdempotencyGuard guard)
        {
            [Idempotent(Ttl = "24h")]
            public partial Task<int> CreateAsync(int userId, decimal amount);
            private Task<int> CreateCoreAsync(int userId, decimal amount) => Task.FromResult(1);
        }
        """;

    [Theory]
    [InlineData("decimal amount)", "decimal amount /* gross */)", Unchanged, Cached)]
    [InlineData("namespace Shop;", "namespace Shop; class Unrelated;", Unchanged, Cached)]
    [InlineData("FromResult(1)", "FromResult(2)", Unchanged, Cached)]
    [InlineData("    [Idempotent", "\n\n    [Idempotent", Unchanged, Cached)]
    [InlineData("decimal amount)", "decimal total)", Modified, Modified)]
    [InlineData("24h", "25h", Modified, Modified)]
    [InlineData("public partial Task", "internal partial Task", Modified, Modified)]
    [InlineData("[Idempotent(Ttl = \"24h\")]", "", Removed, Removed)]
    public void An_edit_runs_again_only_what_it_changes(
        string from, string to, IncrementalStepRunReason parsed, IncrementalStepRunReason grouped)
    {
        var edited = Source.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Source, edited);

        var run = GeneratorRun.On(Source).ThenOn(edited);

        Assert.Equal([parsed], run.Reasons(Steps.Parsed));
        Assert.Equal([grouped], run.Reasons(Steps.Grouped));
    }

    [Fact]
    public void A_type_keeps_its_file_when_another_changes()
    {
        const string other = """
            partial class Other(IdempotencyGuard guard)
            {
                [Idempotent] public partial Task<int> GetAsync(int id);
                private Task<int> GetCoreAsync(int id) => Task.FromResult(id);
            }
            """;

        var run = GeneratorRun.On(Source, other).ThenOn(Source, other.Replace("int id", "long id", StringComparison.Ordinal));

        Assert.Equal([Unchanged, Modified], run.Reasons(Steps.Grouped));
    }

    [Theory]
    [InlineData(Steps.Parsed)]
    [InlineData(Steps.Grouped)]
    public void A_cached_step_keeps_no_compiler_object_alive(string step) =>
        Assert.DoesNotContain(Reachable(GeneratorRun.On(Source).Kept(step)), IsOfCompiler);

    [Fact]
    public void The_walk_finds_a_compiler_object_wherever_it_hides()
    {
        ISymbol planted = Compile.From(Source).GetTypeByMetadataName("Shop.Invoices")!;

        Assert.Contains(Reachable([new { Deep = new List<object> { new KeyValuePair<string, object>("", planted) } }]), IsOfCompiler);
    }

    private static bool IsOfCompiler(object kept) =>
        kept is ISymbol or SyntaxNode or SyntaxTree or Location or Compilation or SemanticModel or AttributeData or SyntaxReference;

    private static HashSet<object> Reachable(IEnumerable<object> roots)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Stack<object>(roots);
        while (left.TryPop(out var item))
        {
            if (item is string || item.GetType().IsPrimitive || !seen.Add(item) || IsOfCompiler(item))
            {
                continue;
            }

            if (item is IEnumerable items)
            {
                foreach (var element in items.Cast<object?>().OfType<object>())
                {
                    left.Push(element);
                }
            }

            for (var type = item.GetType(); type is not null; type = type.BaseType)
            {
                const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
                foreach (var field in type.GetFields(own).Where(static field => !field.FieldType.IsPointer))
                {
                    if (field.GetValue(item) is { } value)
                    {
                        left.Push(value);
                    }
                }
            }
        }

        return seen;
    }
}
