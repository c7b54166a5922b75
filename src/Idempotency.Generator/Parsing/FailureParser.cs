using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>Reads the exception types an attribute lists, and how the stored ones can be made again.</summary>
internal static class FailureParser
{
    public static IReadOnlyList<INamedTypeSymbol> Types(MethodContext context, string argument)
    {
        var types = new List<INamedTypeSymbol>();
        if (context.Arguments.Find(argument) is not { Kind: TypedConstantKind.Array } list)
        {
            return types;
        }

        for (var i = 0; i < list.Values.Length; i++)
        {
            var value = list.Values[i].Value;
            if (value is INamedTypeSymbol type && ReasonAgainst(type) is null)
            {
                types.Add(type);
                continue;
            }

            var name = value is ITypeSymbol other ? other.InMessage() : "null";
            var reason = value is INamedTypeSymbol named ? ReasonAgainst(named)! : "is no exception";
            context.Report(Rules.NotAnException, context.Arguments.LocationOf(argument, i), argument, name, reason);
        }

        return types;
    }

    /// <summary>The constructor that takes most, or null where there is none that can be called with what was stored.</summary>
    public static FailureModel? Parse(INamedTypeSymbol type, MethodContext context)
    {
        if (type.IsAbstract || Bases(type).SelectMany(static current => current.GetMembers()).Any(static member =>
            member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
        {
            return null;
        }

        return type.InstanceConstructors
            .Where(constructor => constructor.Parameters.Length > 0 && context.IsAccessible(constructor))
            .OrderByDescending(static constructor => constructor.Parameters.Length)
            .Select(constructor => Arguments(type, constructor, context))
            .Where(static arguments => arguments is not null)
            .Select(arguments => new FailureModel(type.InCodePlain(), arguments!.ToEquatableArray()))
            .FirstOrDefault();
    }

    private static List<FailureArgument>? Arguments(INamedTypeSymbol type, IMethodSymbol constructor, MethodContext context)
    {
        var arguments = new List<FailureArgument>();
        foreach (var parameter in constructor.Parameters)
        {
            if (parameter is not { Type.SpecialType: SpecialType.System_String, RefKind: RefKind.None }
                || Property(type, parameter.Name, context) is not { } property)
            {
                return null;
            }

            arguments.Add(new FailureArgument(
                parameter.Name,
                property.Name == "Message" ? null : Names.Escape(property.Name),
                parameter.NullableAnnotation == NullableAnnotation.Annotated));
        }

        return arguments;
    }

    private static IPropertySymbol? Property(INamedTypeSymbol type, string name, MethodContext context) => Bases(type)
        .SelectMany(static current => current.GetMembers())
        .OfType<IPropertySymbol>()
        .FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase)
            && property is { IsStatic: false, IsIndexer: false, Type.SpecialType: SpecialType.System_String, GetMethod: { } getter }
            && context.IsAccessible(getter));

    private static string? ReasonAgainst(INamedTypeSymbol type)
    {
        if (!Bases(type).Any(static current => current.Name == "Exception" && current.IsIn("System")))
        {
            return "is no exception";
        }

        if (type.IsUnboundGenericType)
        {
            return "is generic, and nothing is thrown without type arguments";
        }

        return type.IsFileLocal ? "is file-local, and the guard lives in another file" : null;
    }

    private static IEnumerable<INamedTypeSymbol> Bases(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            yield return current;
        }
    }
}
