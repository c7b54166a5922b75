using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Parsing;

/// <summary>
/// Proves that nobody can change a result, all the way down, so that the object itself may be kept and handed out. What is not
/// proven is only slower.
/// </summary>
internal sealed class Immutability
{
    private static readonly HashSet<string> s_collections = new(StringComparer.Ordinal)
    {
        "System.Collections.Immutable.ImmutableArray`1",
        "System.Collections.Immutable.ImmutableList`1",
        "System.Collections.Immutable.ImmutableHashSet`1",
        "System.Collections.Immutable.ImmutableSortedSet`1",
        "System.Collections.Immutable.ImmutableDictionary`2",
        "System.Collections.Immutable.ImmutableSortedDictionary`2",
        "System.Collections.Immutable.ImmutableQueue`1",
        "System.Collections.Immutable.ImmutableStack`1",
        "System.Collections.Generic.KeyValuePair`2",
    };

    private readonly HashSet<ITypeSymbol> _assumed = new(SymbolEqualityComparer.Default);
    private readonly Compilation _compilation;

    private Immutability(Compilation compilation) => _compilation = compilation;

    /// <summary>Of an instance of exactly this type; the runtime compares before it relies on it.</summary>
    public static bool IsProven(ITypeSymbol type, Compilation compilation) => new Immutability(compilation).Holds(type, isExact: true);

    private bool Holds(ITypeSymbol type, bool isExact)
    {
        if (ValueTypes.CodeOf(type) is not null || type.TypeKind == TypeKind.Enum)
        {
            return true;
        }

        if (type is not INamedTypeSymbol named)
        {
            return false;
        }

        if (named.IsTupleType || named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T || s_collections.Contains(Names.Metadata(named)))
        {
            return named.TypeArguments.All(argument => Holds(argument, isExact: false));
        }

        // Elsewhere a derived instance could stand in, which nobody looks at.
        return (isExact || named.IsSealed || named.IsValueType)
            && named.TypeKind is TypeKind.Class or TypeKind.Struct
            && (!_assumed.Add(named) || HoldsForMembers(named)); // a type that contains itself is as good as the rest of it
    }

    private bool HoldsForMembers(INamedTypeSymbol type)
    {
        if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, _compilation.Assembly) || MayCaptureParameters(type))
        {
            return false;
        }

        foreach (var member in type.GetMembers())
        {
            if (member is IEventSymbol { IsStatic: false })
            {
                return false;
            }

            if (member is IFieldSymbol { IsStatic: false } field && !(IsWrittenOnce(field) && Holds(field.Type, isExact: false)))
            {
                return false;
            }
        }

        return type.BaseType is null or { SpecialType: not SpecialType.None } || HoldsForMembers(type.BaseType);
    }

    private static bool IsWrittenOnce(IFieldSymbol field) =>
        field.IsReadOnly ||
        (field.AssociatedSymbol is IPropertySymbol { SetMethod.IsInitOnly: true } property
            && property.DeclaringSyntaxReferences.All(static part => IsAutomatic(part.GetSyntax())));

    // A getter with a body can write to 'field'.
    private static bool IsAutomatic(SyntaxNode syntax) => syntax switch
    {
        ParameterSyntax => true,
        PropertyDeclarationSyntax { AccessorList: { } accessors } => accessors.Accessors.All(static accessor =>
            !accessor.IsKind(SyntaxKind.GetAccessorDeclaration) || accessor is { Body: null, ExpressionBody: null }),
        _ => false,
    };

    // The parameter of a class's primary constructor that a member uses becomes a field that no symbol shows.
    private static bool MayCaptureParameters(INamedTypeSymbol type) => !type.IsRecord && type.DeclaringSyntaxReferences.Any(
        static part => part.GetSyntax() is TypeDeclarationSyntax { ParameterList.Parameters.Count: > 0 });
}
