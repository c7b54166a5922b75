using System.Collections.Immutable;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Advice;

/// <summary>A value that is written to the key: an argument, or something inside one.</summary>
/// <param name="Path">How a message calls it, <c>order.Lines[].Price</c>.</param>
/// <param name="Name">The last name on the path.</param>
internal sealed record KeyLeaf(string Path, string Name, ITypeSymbol Type, Location? Location)
{
    private const int MaxDepth = 8;

    // Types that lead to each other in many ways have more paths than anybody could wait for.
    private const int MaxLeaves = 1000;

    private static readonly ImmutableHashSet<ITypeSymbol> s_nothing = ImmutableHashSet.Create<ITypeSymbol>(SymbolEqualityComparer.Default);

    public static IEnumerable<KeyLeaf> Of(MethodContext context, KeyModel key)
    {
        var isTemplate = context.Arguments.Text("Key") is not null;
        foreach (var part in key.Parts)
        {
            if (context.Values.FirstOrDefault(value => Names.Escape(value.Name) == part.Parameter) is not { } parameter)
            {
                continue;
            }

            var root = new KeyLeaf(
                parameter.Name, parameter.Name, parameter.Type,
                isTemplate ? context.Arguments.LocationOf("Key") : parameter.Locations.FirstOrDefault());
            foreach (var hop in part.Path)
            {
                var name = hop.Member.TrimStart('@');
                root = TypeOf(root.Type, name) is { } type ? root with { Path = $"{root.Path}.{name}", Name = name, Type = type } : root;
            }

            var keyMembersOnly = !isTemplate && ShapeReader.HasKeyMembers(root.Type);
            foreach (var leaf in root.Inside(keyMembersOnly, s_nothing, context.Compilation).Take(MaxLeaves))
            {
                yield return leaf;
            }
        }
    }

    private IEnumerable<KeyLeaf> Inside(bool keyMembersOnly, ImmutableHashSet<ITypeSymbol> around, Compilation compilation)
    {
        var type = NullableValue.Of(Type);
        if (around.Count > MaxDepth || around.Contains(type) || type.IsKeyPart())
        {
            yield break; // a type that writes its own identity may well hash it
        }

        IEnumerable<KeyLeaf> inner = [];
        if (type is IArrayTypeSymbol array)
        {
            inner = [this with { Path = Path + "[]", Type = array.ElementType }];
        }
        else if (type is INamedTypeSymbol { IsTupleType: true } tuple)
        {
            inner = tuple.TupleElements.Select(element => With(element.Name, element.Type));
        }
        else if (ValueTypes.CodeOf(type) is null && type is INamedTypeSymbol { TypeKind: not TypeKind.Enum } named)
        {
            inner = ValueTypes.IsFramework(named, compilation)
                ? named.TypeArguments.Select(argument => this with { Path = Path + "[]", Type = argument })
                : ValueMember.Of(named).Where(member => member.IsKey || !keyMembersOnly).Select(member => With(member.Name, member.Type));
        }

        var any = false;
        foreach (var leaf in inner.SelectMany(next => next.Inside(keyMembersOnly: false, around.Add(type), compilation)))
        {
            any = true;
            yield return leaf;
        }

        if (!any)
        {
            yield return this with { Type = type };
        }
    }

    private KeyLeaf With(string name, ITypeSymbol type) => this with { Path = $"{Path}.{name}", Name = name, Type = type };

    private static ITypeSymbol? TypeOf(ITypeSymbol type, string member)
    {
        for (var current = NullableValue.Of(type); current is not null; current = current.BaseType)
        {
            foreach (var symbol in current.GetMembers(member))
            {
                if (((symbol as IPropertySymbol)?.Type ?? (symbol as IFieldSymbol)?.Type) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }
}
