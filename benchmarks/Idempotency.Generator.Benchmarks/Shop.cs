using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.Generator.Benchmarks;

/// <summary>A project of guarded methods, ten to a class and a class to a file unless all are in one.</summary>
/// <param name="Methods">How many are annotated.</param>
/// <param name="PerType">How many of them a class has.</param>
/// <param name="Guarded">Whether they are; without the attribute each one calls its body, as a person would write it.</param>
internal sealed record Shop(int Methods, int PerType = 10, bool Guarded = true)
{
    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll" or "Idempotency.Runtime.dll"))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14);

    /// <summary>The project, parsed and not yet bound.</summary>
    public CSharpCompilation Compilation() => CSharpCompilation.Create(
        "Shop", Trees(), s_references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(SourceText.From(text, Encoding.UTF8), ParseOptions, path);

    private IEnumerable<SyntaxTree> Trees()
    {
        yield return Parse("namespace Shop; public class Unrelated { public int Number() => 0; }", "Unrelated.cs");
        yield return Parse("namespace Shop; public sealed record Invoice(int Id, decimal Total);", "Invoice.cs");
        for (var first = 0; first < Methods; first += PerType)
        {
            yield return Parse(Type(first / PerType, Math.Min(PerType, Methods - first)), $"Invoices{first / PerType}.cs");
        }
    }

    private string Type(int number, int methods)
    {
        var text = new StringBuilder($$"""
            using System.Threading;
            using System.Threading.Tasks;
            using Idempotency;

            namespace Shop;

            public sealed partial class Invoices{{number}}(IdempotencyGuard guard)
            {

            """);
        if (!Guarded)
        {
            text.AppendLine("    private readonly IdempotencyGuard _guard = guard;");
        }

        for (var i = 0; i < methods; i++)
        {
            const string Parameters = "int userId, string reference, decimal amount, CancellationToken cancellationToken";
            text.AppendLine(CultureInfo.InvariantCulture, $$"""
                    /// <summary>Creates an invoice, once for the same user, reference and amount.</summary>
                    {{(Guarded ? "[Idempotent(Ttl = \"24h\")]" : "")}}
                    public {{(Guarded ? "partial " : "")}}Task<Invoice> Create{{i}}Async({{Parameters}} = default){{(Guarded ? ";" : $" => Create{i}CoreAsync(userId, reference, amount, cancellationToken);")}}

                    private async Task<Invoice> Create{{i}}CoreAsync({{Parameters}})
                    {
                        await Task.Delay(1, cancellationToken);
                        return new Invoice(userId + reference.Length, amount);
                    }

                """);
        }

        return text.AppendLine("}").ToString();
    }
}
