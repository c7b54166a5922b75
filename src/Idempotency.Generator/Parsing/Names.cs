using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.Generator.Parsing;

/// <summary>The ways in which symbols become text.</summary>
internal static class Names
{
    private static readonly SymbolDisplayFormat s_code = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers |
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes |
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat s_identity = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.ExpandValueTuple);

    private static readonly SymbolDisplayFormat s_schema = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.ExpandValueTuple);

    private static readonly SymbolDisplayFormat s_message = SymbolDisplayFormat.MinimallyQualifiedFormat.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The type as generated code writes it, wherever that code stands.</summary>
    public static string InCode(this ITypeSymbol type)
    {
        // The display knows keywords, but not that a type parameter called 'scoped' or 'record' has to be escaped as well.
        var parts = type.ToDisplayParts(s_code);
        return parts.Any(static part => part.Kind == SymbolDisplayPartKind.TypeParameterName)
            ? string.Concat(parts.Select(static part => part.Kind == SymbolDisplayPartKind.TypeParameterName ? EscapeType(part.ToString()) : part.ToString()))
            : parts.ToDisplayString();
    }

    /// <summary>The same without an annotation, for places that do not allow one: <c>typeof</c>, <c>new</c>, members.</summary>
    public static string InCodePlain(this ITypeSymbol type) =>
        type.WithNullableAnnotation(type.IsValueType ? type.NullableAnnotation : NullableAnnotation.NotAnnotated).InCode();

    /// <summary>The type as a key names it: nothing that can be renamed or annotated without making another type is in it.</summary>
    public static string InIdentity(this ITypeSymbol type) => type.ToDisplayString(s_identity);

    /// <summary>The type as a person would write it.</summary>
    public static string InMessage(this ITypeSymbol type) => type.ToDisplayString(s_message);

    /// <summary>The type as a schema names it, without its namespace.</summary>
    public static string InSchema(this ITypeSymbol type) => type.ToDisplayString(s_schema);

    public static string Escape(string identifier) =>
        SyntaxFacts.GetKeywordKind(identifier) != SyntaxKind.None ? "@" + identifier : identifier;

    /// <summary>The same for a type's own name or a type parameter's, which may not be <c>record</c> or <c>file</c> either.</summary>
    public static string EscapeType(string identifier) =>
        SyntaxFacts.GetContextualKeywordKind(identifier) != SyntaxKind.None ? "@" + identifier : Escape(identifier);

    /// <summary>The full name with arity, such as <c>Shop.Outer.Box`1</c>.</summary>
    public static string Metadata(INamedTypeSymbol type)
    {
        var name = type.MetadataName;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = $"{outer.MetadataName}.{name}";
        }

        // A type that is still being typed is in no namespace.
        return type.ContainingNamespace is null or { IsGlobalNamespace: true } ? name : $"{type.ContainingNamespace.ToDisplayString()}.{name}";
    }
}
