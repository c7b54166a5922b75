using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>A member that is part of what a composite value is.</summary>
internal readonly record struct ValueMember(string Name, ITypeSymbol Type, bool IsKey, bool IsUnusable)
{
    /// <summary>
    /// The readable public properties and public fields, inherited ones included, ordered by name so that moving a member changes
    /// no key.
    /// </summary>
    public static IReadOnlyList<ValueMember> Of(ITypeSymbol type)
    {
        var members = new SortedDictionary<string, (ValueMember Member, bool Ignored)>(StringComparer.Ordinal);
        for (ITypeSymbol? current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
        {
            foreach (var symbol in current.GetMembers())
            {
                if (TypeOf(symbol) is { } memberType && !members.ContainsKey(symbol.Name))
                {
                    var member = new ValueMember(symbol.Name, memberType, Is(symbol, "IdempotencyKeyAttribute"), IsObsoleteError(symbol));
                    members.Add(symbol.Name, (member, Is(symbol, "IdempotencyIgnoreAttribute")));
                }
            }
        }

        return [.. members.Values.Where(static entry => !entry.Ignored).Select(static entry => entry.Member)];
    }

    private static ITypeSymbol? TypeOf(ISymbol symbol) => symbol switch
    {
        IPropertySymbol
        {
            IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public, GetMethod.DeclaredAccessibility: Accessibility.Public
        } property => property.Type,
        IFieldSymbol { IsStatic: false, DeclaredAccessibility: Accessibility.Public } field => field.Type,
        _ => null,
    };

    // On a record's parameter the attribute is meant for the property made from it, but the language leaves it on the parameter.
    private static bool Is(ISymbol symbol, string attribute) =>
        symbol.FindAttribute(attribute) is not null ||
        (symbol is IPropertySymbol { ContainingType: { IsRecord: true } record } && record.InstanceConstructors
            .SelectMany(static constructor => constructor.Parameters)
            .Any(parameter => parameter.Name == symbol.Name && parameter.FindAttribute(attribute) is not null));

    private static bool IsObsoleteError(ISymbol symbol) => symbol.GetAttributes().Any(static attribute =>
        attribute.AttributeClass?.Name == "ObsoleteAttribute" && attribute.ConstructorArguments.Length == 2 && attribute.ConstructorArguments[1].Value is true);
}
