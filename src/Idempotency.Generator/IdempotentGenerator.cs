using System.Collections.Immutable;
using System.Text;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Emit;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.Generator;

/// <summary>
/// Writes the guard around every method marked <c>[Idempotent]</c>. Reports nothing about those it cannot guard:
/// <see cref="IdempotentAnalyzer"/> does, so that it is found at the user's code and treated like any other diagnostic.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class IdempotentGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var files = context.SyntaxProvider
            .ForAttributeWithMetadataName(KnownTypes.AttributeFullName, IsMethod, MethodParser.Parse)
            .WithTrackingName(Steps.Parsed)
            .Where(static method => method is not null)
            .Select(static (method, _) => method!)
            .Collect()
            .SelectMany(Group)
            .WithTrackingName(Steps.Grouped);

        context.RegisterSourceOutput(files, static (output, file) =>
            output.AddSource(file.HintName, SourceText.From(TypeEmitter.Emit(file), Encoding.UTF8)));
    }

    private static bool IsMethod(SyntaxNode node, CancellationToken cancellation) => node is MethodDeclarationSyntax;

    private static IEnumerable<TypeFile> Group(ImmutableArray<MethodModel> methods, CancellationToken cancellation)
    {
        var names = new NameScope([], StringComparer.OrdinalIgnoreCase); // hint names that differ by case only are one to the compiler
        foreach (var type in methods.GroupBy(static method => method.Type.Name, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var hint = names.Next(HintName(type.Key));
            yield return new TypeFile(hint + DeclarationRules.FileEnding, type.First().Type, type.ToEquatableArray());
        }
    }

    // Not everything that may stand in an identifier may stand in a hint name.
    private static string HintName(string type) => string.Concat(type.Select(static c => char.IsLetterOrDigit(c) || c is '.' or '_' or '`' ? c : '-'));
}
