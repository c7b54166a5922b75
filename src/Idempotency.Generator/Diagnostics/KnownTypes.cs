using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Diagnostics;

/// <summary>Recognises the types that mean something here, by name: a lookup per compilation would cost more and find no others.</summary>
internal static class KnownTypes
{
    public const string Runtime = "Idempotency";
    public const string Attribute = "IdempotentAttribute";
    public const string AttributeFullName = Runtime + "." + Attribute;

    public static bool IsGuard(this ITypeSymbol type) => type.Name == "IdempotencyGuard" && type.IsIn(Runtime);

    public static bool IsContext(this ITypeSymbol type) => type.Name == "IdempotencyContext" && type.IsIn(Runtime);

    public static bool IsCancellationToken(this ITypeSymbol type) => type.Name == "CancellationToken" && type.IsIn("System.Threading");

    /// <summary>Whether a body is given it by the guard: a transaction of a database, or a context of Entity Framework that works in one.</summary>
    public static bool IsTransactional(this ITypeSymbol type)
    {
        for (var part = type as INamedTypeSymbol; part is not null; part = part.BaseType)
        {
            if ((part.Name == "DbTransaction" && part.IsIn("System.Data.Common")) || (part.Name == "DbContext" && part.IsIn("Microsoft.EntityFrameworkCore")))
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsTaskLike(this ITypeSymbol type) =>
        type is INamedTypeSymbol { Name: "Task" or "ValueTask", Arity: 0 or 1 } && type.IsIn("System.Threading.Tasks");

    public static bool IsKeyPart(this ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol parameter => parameter.ConstraintTypes.Any(IsKeyPart),
        _ => IsKeyPartInterface(type) || type.AllInterfaces.Any(IsKeyPartInterface),
    };

    public static AttributeData? FindAttribute(this ISymbol symbol, string name)
    {
        foreach (var attribute in symbol.GetAttributes())
        {
            if (attribute.AttributeClass is { } type && type.Name == name && type.IsIn(Runtime))
            {
                return attribute;
            }
        }

        return null;
    }

    /// <summary>Whether the type stands directly in this namespace.</summary>
    public static bool IsIn(this ITypeSymbol type, string name)
    {
        var space = type.ContainingType is null ? type.ContainingNamespace : null;
        var end = name.Length;
        while (space is { IsGlobalNamespace: false })
        {
            var start = end - space.Name.Length;
            if (start < 0 || string.CompareOrdinal(name, start, space.Name, 0, space.Name.Length) != 0)
            {
                return false;
            }

            if (start == 0)
            {
                return space.ContainingNamespace.IsGlobalNamespace;
            }

            if (name[start - 1] != '.')
            {
                return false;
            }

            end = start - 1;
            space = space.ContainingNamespace;
        }

        return false;
    }

    private static bool IsKeyPartInterface(ITypeSymbol type) => type.Name == "IIdempotencyKeyPart" && type.IsIn(Runtime);
}
