using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>Makes compilations that see what a user's project sees.</summary>
internal static class Compile
{
    private const string GlobalUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Collections.Immutable;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Idempotency;
        """;

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll" or "Idempotency.Runtime.dll"))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    // Reading the references is most of the work of compiling a small source. Whatever is made of this one has them already.
    private static readonly CSharpCompilation s_empty = CSharpCompilation.Create(
        "Shop",
        references: s_references,
        options: new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

#if ROSLYN_4_14
    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp13); // the newest it knows
#else
    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14);
#endif

    public static CSharpCompilation From(params string[] sources) =>
        s_empty.AddSyntaxTrees([Tree(GlobalUsings, "Usings.cs"), .. sources.Select(static (source, i) => Tree(source, $"Source{i}.cs"))]);

    /// <summary>The same for a project with settings of its own: no usings but those that each source has.</summary>
    public static CSharpCompilation Bare(CSharpParseOptions options, NullableContextOptions nullable, params string[] sources) => s_empty
        .WithOptions(s_empty.Options.WithNullableContextOptions(nullable))
        .AddSyntaxTrees(sources.Select((source, i) => Tree(source, $"Source{i}.cs", options)));

    /// <summary>The same code, parsed in another way.</summary>
    public static CSharpCompilation WithParseOptions(this CSharpCompilation compilation, CSharpParseOptions options) => compilation
        .RemoveAllSyntaxTrees()
        .AddSyntaxTrees(compilation.SyntaxTrees.Select(tree => CSharpSyntaxTree.ParseText(tree.GetText(), options, tree.FilePath)));

    public static SyntaxTree Tree(string source, string path, CSharpParseOptions? options = null) =>
        CSharpSyntaxTree.ParseText(SourceText.From(source, System.Text.Encoding.UTF8), options ?? ParseOptions, path);
}
