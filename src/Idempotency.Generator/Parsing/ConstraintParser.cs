using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Parsing;

/// <summary>Reads <c>where</c> clauses.</summary>
internal static class ConstraintParser
{
    /// <summary>The whole clause as code, or nothing.</summary>
    public static string Parse(ITypeParameterSymbol parameter) => Parse(parameter, Names.InCode);

    /// <summary>The same as a person would write it.</summary>
    public static string InMessage(ITypeParameterSymbol parameter) => Parse(parameter, Names.InMessage);

    private static string Parse(ITypeParameterSymbol parameter, Func<ITypeSymbol, string> show)
    {
        var constraints = Of(parameter, show).ToArray();
        return constraints.Length == 0 ? "" : $"where {Names.EscapeType(parameter.Name)} : {string.Join(", ", constraints)}";
    }

    /// <summary>An override inherits its constraints; only these may be, and sometimes must be, said again.</summary>
    public static EquatableArray<string> OfOverride(MethodDeclarationSyntax declaration) => declaration.ConstraintClauses
        .Select(static clause => (clause.Name, Kind: clause.Constraints.FirstOrDefault() switch
        {
            ClassOrStructConstraintSyntax { RawKind: (int)SyntaxKind.ClassConstraint } => "class",
            ClassOrStructConstraintSyntax => "struct",
            DefaultConstraintSyntax => "default",
            _ => null,
        }))
        .Where(static clause => clause.Kind is not null)
        .Select(static clause => $"where {clause.Name.Identifier.Text} : {clause.Kind}")
        .ToEquatableArray();

    /// <summary>Whether every type that fits <paramref name="from"/> fits <paramref name="to"/> as well, so that one may call the other.</summary>
    public static bool Implies(ITypeParameterSymbol from, ITypeParameterSymbol to, Func<ITypeSymbol, ITypeSymbol> map) =>
        (!to.HasReferenceTypeConstraint || from.HasReferenceTypeConstraint) &&
        (!to.HasValueTypeConstraint || from.HasValueTypeConstraint) &&
        (!to.HasUnmanagedTypeConstraint || from.HasUnmanagedTypeConstraint) &&
        (!to.HasNotNullConstraint || from.HasNotNullConstraint) &&
        (!to.HasConstructorConstraint || from.HasConstructorConstraint || from.HasValueTypeConstraint) &&
        to.ConstraintTypes.All(wanted => from.ConstraintTypes.Any(given => SymbolEqualityComparer.Default.Equals(given, map(wanted))));

    private static IEnumerable<string> Of(ITypeParameterSymbol parameter, Func<ITypeSymbol, string> show)
    {
        if (parameter.HasUnmanagedTypeConstraint)
        {
            yield return "unmanaged";
        }
        else if (parameter.HasValueTypeConstraint)
        {
            yield return "struct";
        }
        else if (parameter.HasReferenceTypeConstraint)
        {
            yield return parameter.ReferenceTypeConstraintNullableAnnotation == NullableAnnotation.Annotated ? "class?" : "class";
        }
        else if (parameter.HasNotNullConstraint)
        {
            yield return "notnull";
        }

        foreach (var type in parameter.ConstraintTypes)
        {
            yield return show(type);
        }

        if (parameter.HasConstructorConstraint)
        {
            yield return "new()";
        }

        if (parameter.AllowsRefLikeType)
        {
            yield return "allows ref struct";
        }
    }
}
