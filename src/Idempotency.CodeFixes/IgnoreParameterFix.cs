using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>Takes a parameter without identity out of key and comparison.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(IgnoreParameterFix)), Shared]
public sealed class IgnoreParameterFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Rules.NoIdentity.Id];

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null; // whether an argument matters is a choice only a person can make

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        if (place is not { Node: ParameterSyntax parameter, Method: { } method }
            || method.Values.FirstOrDefault(value => value.Name == parameter.Identifier.ValueText) is not { } ignored
            || ParameterMark.Has(ignored, ParameterMark.Key))
        {
            yield break;
        }

        // With the last one ignored, the first call ever would answer all others.
        if (method.Arguments.Text("Key") is not null || method.Values.Any(value => value.Name != ignored.Name && !ParameterMark.Has(value, ParameterMark.Ignore)))
        {
            yield return new Edit(
                $"Ignore '{ignored.Name}': calls that differ in nothing else are one",
                editor => ParameterMark.Add(parameter, ParameterMark.Ignore, editor));
        }
    }
}
