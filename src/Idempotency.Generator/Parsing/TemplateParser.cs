using System.Text;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>A key template that was understood.</summary>
/// <param name="Schema">The template with each placeholder's type in it. Its literals are in the key by way of this.</param>
/// <param name="Whole">The parameters that are in the key entirely.</param>
internal sealed record ParsedTemplate(IReadOnlyList<KeyPart> Parts, string Schema, ISet<string> Whole);

/// <summary>Reads <c>"invoice:{userId}:{order.Id}"</c>; a doubled brace is a brace.</summary>
internal sealed class TemplateParser
{
    private readonly MethodContext _context;
    private readonly ShapeReader _shapes;
    private readonly List<KeyPart> _parts = [];
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);
    private readonly StringBuilder _schema = new("key \"");

    private TemplateParser(MethodContext context, ShapeReader shapes)
    {
        _context = context;
        _shapes = shapes;
    }

    public static ParsedTemplate? Parse(string template, MethodContext context, ShapeReader shapes) =>
        new TemplateParser(context, shapes).Parse(template);

    private ParsedTemplate? Parse(string template)
    {
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (c is '{' or '}' && i + 1 < template.Length && template[i + 1] == c)
            {
                _schema.Append(c, 2);
                i++;
                continue;
            }

            switch (c)
            {
                case '}':
                    return Fault("a '}' closes nothing; write '}}' for a brace");
                case '{':
                    var end = template.IndexOf('}', i);
                    if (end < 0)
                    {
                        return Fault("a '{' is never closed; write '{{' for a brace");
                    }

                    if (!Add(template.Substring(i + 1, end - i - 1)))
                    {
                        return null;
                    }

                    i = end;
                    break;
                default:
                    _schema.Append(c);
                    break;
            }
        }

        return _parts.Count == 0
            ? Fault("it has no placeholder, so that all calls would be one; name a parameter, as in \"{id}\"")
            : new ParsedTemplate(_parts, _schema.Append('"').ToString(), _whole);
    }

    private bool Add(string placeholder)
    {
        var names = placeholder.Split('.');
        if (_context.Values.FirstOrDefault(value => value.Name == names[0]) is not { } parameter)
        {
            var known = string.Join(", ", _context.Values.Select(static value => $"{{{value.Name}}}"));
            Fault($"'{{{placeholder}}}' names no parameter; there {(known.Length == 0 ? "is none" : "are " + known)}");
            return false;
        }

        if (parameter.FindAttribute("IdempotencyIgnoreAttribute") is not null)
        {
            _context.Report(
                Rules.KeyChosenTwice, parameter.Locations.FirstOrDefault(), parameter.Name,
                "[IdempotencyIgnore], but the Key template uses it", "remove it from the template, or the attribute");
            return false;
        }

        if (Follow(parameter, names, out var path) is not { } type)
        {
            return false;
        }

        _schema.Append('{').Append(placeholder).Append(':');
        if (_shapes.Read(type, placeholder, _schema) is not { } shape)
        {
            _context.Report(Rules.NoIdentity, Place, _shapes.Offence.Path, _shapes.Offence.Reason);
            return false;
        }

        // A step from something that may be null makes a value nullable; a reference is that already.
        var becomesNullable = type.IsValueType && shape is not KeyShape.Nullable && path.Any(static hop => hop.IsConditional);
        _schema.Append('}');
        _parts.Add(new KeyPart(Names.Escape(parameter.Name), path.ToEquatableArray(), becomesNullable ? new KeyShape.Nullable(shape) : shape));
        if (names.Length == 1)
        {
            _whole.Add(parameter.Name);
        }

        return true;
    }

    private ITypeSymbol? Follow(IParameterSymbol parameter, string[] names, out List<Hop> path)
    {
        path = [];
        var type = parameter.Type;
        foreach (var name in names.Skip(1))
        {
            var owner = NullableValue.Of(type);
            if (FindMember(owner, name) is not { } member)
            {
                Fault($"'{owner.InMessage()}' has no readable property or field '{name}'");
                return null;
            }

            path.Add(new Hop(Names.Escape(name), owner.IsReferenceType || !SymbolEqualityComparer.Default.Equals(owner, type)));
            type = member;
        }

        return type;
    }

    private ITypeSymbol? FindMember(ITypeSymbol type, string name)
    {
        IEnumerable<ITypeSymbol> Places()
        {
            for (var current = type; current is not null; current = current.BaseType)
            {
                yield return current;
            }

            if (type.TypeKind == TypeKind.Interface)
            {
                foreach (var inherited in type.AllInterfaces)
                {
                    yield return inherited;
                }
            }
        }

        foreach (var member in Places().SelectMany(place => place.GetMembers(name)))
        {
            switch (member)
            {
                case IPropertySymbol { IsStatic: false, IsIndexer: false, GetMethod: { } getter } property when _context.IsAccessible(getter):
                    return property.Type;
                case IFieldSymbol { IsStatic: false } field when _context.IsAccessible(field):
                    return field.Type;
            }
        }

        return null;
    }

    private Location? Place => _context.Arguments.LocationOf("Key") ?? _context.Location;

    private ParsedTemplate? Fault(string reason)
    {
        _context.Report(Rules.BadTemplate, Place, _context.Method.Name, reason);
        return null;
    }
}
