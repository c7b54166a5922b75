using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Advice;

/// <summary>The types that a result is made of, as JSON would come across them.</summary>
internal static class ResultGraph
{
    /// <summary>The type itself, then its elements and members, each with the way to it.</summary>
    public static IEnumerable<(string Path, ITypeSymbol Type)> Of(ITypeSymbol result, Compilation compilation)
    {
        var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        var open = new Queue<(string Path, ITypeSymbol Type)>([("", result)]);
        while (open.Count > 0)
        {
            var (path, type) = open.Dequeue();
            if (!seen.Add(type) || seen.Count > 1000) // type arguments can grow without end
            {
                continue;
            }

            yield return (path, type);
            if (HasConverter(type))
            {
                continue;
            }

            foreach (var next in Next(path, type, compilation))
            {
                open.Enqueue(next);
            }
        }
    }

    /// <summary>Whether the type says itself how it becomes JSON.</summary>
    public static bool HasConverter(ISymbol symbol) => Has(symbol, "JsonConverterAttribute");

    /// <summary>Whether an attribute of <c>System.Text.Json</c> is there.</summary>
    public static bool Has(ISymbol symbol, params string[] attributes) => symbol.GetAttributes().Any(attribute =>
        attribute.AttributeClass is { } type && attributes.Contains(type.Name) && type.IsIn("System.Text.Json.Serialization"));

    private static IEnumerable<(string Path, ITypeSymbol Type)> Next(string path, ITypeSymbol type, Compilation compilation) => type switch
    {
        IArrayTypeSymbol array => [(path + "[]", array.ElementType)],
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.Select(element => (Join(path, element.Name), element.Type)),
        INamedTypeSymbol named when ValueTypes.IsFramework(named, compilation) => named.TypeArguments.Select(argument =>
            (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T ? path : path + "[]", argument)),
        INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Interface } named => Members(path, named),
        _ => [],
    };

    private static IEnumerable<(string Path, ITypeSymbol Type)> Members(string path, INamedTypeSymbol type)
    {
        for (var current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
        {
            foreach (var member in current.GetMembers())
            {
                if (member is { IsStatic: false, DeclaredAccessibility: Accessibility.Public } && !Has(member, "JsonIgnoreAttribute", "JsonConverterAttribute"))
                {
                    switch (member)
                    {
                        case IPropertySymbol { IsIndexer: false, GetMethod: not null } property:
                            yield return (Join(path, property.Name), property.Type);
                            break;
                        case IFieldSymbol field:
                            yield return (Join(path, field.Name), field.Type);
                            break;
                    }
                }
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
