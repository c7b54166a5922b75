using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Idempotency.CodeFixes;

/// <summary>Makes one parameter the key, and ignores those that could not even be compared.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ChooseKeyFix)), Shared]
public sealed class ChooseKeyFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.NoIdentity.Id, Rules.NothingIdentifies.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // which parameter is the key is a choice only a person can make

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        if (place is not { Node: ParameterSyntax or MethodDeclarationSyntax, Declaration: { } declaration, Method: { } method }
            || method.Arguments.Text("Key") is not null
            || method.Values.Any(static value => ParameterMark.Has(value, ParameterMark.Key)))
        {
            return []; // chosen already
        }

        var identifying = method.Values.Where(value => ParameterMark.HasIdentity(value, method.Compilation)).ToArray();
        if (place.Node is MethodDeclarationSyntax)
        {
            return identifying.Select(key => new Edit(
                $"Use '{key.Name}' as the key", editor => ParameterMark.Replace(key, ParameterMark.Ignore, ParameterMark.Key, editor)));
        }

        var ignored = method.Values.Except(identifying, SymbolEqualityComparer.Default).Cast<IParameterSymbol>()
            .Where(static value => !ParameterMark.Has(value, ParameterMark.Ignore)).ToArray();
        return identifying.Where(static value => !ParameterMark.Has(value, ParameterMark.Ignore)).Select(key => new Edit(
            $"Use '{key.Name}' as the key and ignore {string.Join(", ", ignored.Select(static value => $"'{value.Name}'"))}",
            editor => Choose(key, ignored, declaration, editor)));
    }

    private static void Choose(IParameterSymbol key, IEnumerable<IParameterSymbol> ignored, MethodDeclarationSyntax method, SyntaxEditor editor)
    {
        ParameterMark.Add(ParameterMark.Of(key, method), ParameterMark.Key, editor);
        foreach (var parameter in ignored)
        {
            ParameterMark.Add(ParameterMark.Of(parameter, method), ParameterMark.Ignore, editor);
        }
    }
}
