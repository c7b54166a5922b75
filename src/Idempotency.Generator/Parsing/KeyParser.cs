using System.Text;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>What identifies a call, and how the operation's schema says so.</summary>
internal sealed record ParsedKey(KeyModel Model, string Schema);

/// <summary>Decides which arguments are the key and which the fingerprint.</summary>
internal sealed class KeyParser
{
    private readonly MethodContext _context;
    private readonly ShapeReader _shapes;
    private readonly List<KeyPart> _parts = [];
    private readonly List<KeyPart> _fingerprint = [];
    private readonly StringBuilder _schema = new();

    private bool _isChosen;

    private KeyParser(MethodContext context)
    {
        _context = context;
        _shapes = new ShapeReader(context.Compilation);
    }

    public static ParsedKey? Parse(MethodContext context) => new KeyParser(context).Parse();

    private ParsedKey? Parse()
    {
        var typeArguments = TypeFacts.Of(_context).Model.TypeArguments
            .Concat(_context.Method.TypeParameters.Select(static parameter => parameter.InCodePlain())).ToEquatableArray();
        foreach (var argument in typeArguments)
        {
            Separate().Append('<').Append(argument.TrimStart('@')).Append('>');
        }

        if (_context.Arguments.Text("Key") is { } template)
        {
            _isChosen = true;
            AddTemplate(template);
        }
        else
        {
            AddParameters();
        }

        return _context.HasFaults
            ? null
            : new ParsedKey(
                new KeyModel(
                    typeArguments, _parts.ToEquatableArray(), _isChosen, _fingerprint.ToEquatableArray(), _shapes.Writers.ToEquatableArray()),
                _schema.ToString());
    }

    private void AddParameters()
    {
        _isChosen = _context.Values.Any(static parameter => !IsIgnored(parameter) && IsChosen(parameter));
        var rest = new List<IParameterSymbol>();
        foreach (var parameter in _context.Values)
        {
            if (IsIgnored(parameter))
            {
                CheckNotMarked(parameter, "both [IdempotencyKey] and [IdempotencyIgnore]", "remove one of them");
            }
            else if (_isChosen && !IsChosen(parameter))
            {
                rest.Add(parameter);
            }
            else
            {
                Separate().Append(parameter.Name).Append(':');
                var byMembers = ShapeReader.HasKeyMembers(parameter.Type);
                Add(_parts, parameter, _schema, byMembers);
                if (byMembers)
                {
                    rest.Add(parameter);
                }
            }
        }

        if (_context.Values.Any() && _context.Values.All(IsIgnored))
        {
            _context.Report(Rules.NothingIdentifies, _context.Location, _context.Method.Name);
        }

        AddFingerprint(rest);
    }

    private void AddTemplate(string template)
    {
        foreach (var parameter in _context.Values)
        {
            CheckNotMarked(parameter, "[IdempotencyKey], but the method has a Key template", "remove one of them");
        }

        if (TemplateParser.Parse(template, _context, _shapes) is not { } parsed)
        {
            return;
        }

        Separate().Append(parsed.Schema);
        _parts.AddRange(parsed.Parts);
        AddFingerprint(_context.Values.Where(parameter => !IsIgnored(parameter) && !parsed.Whole.Contains(parameter.Name)));
    }

    private void AddFingerprint(IEnumerable<IParameterSymbol> parameters)
    {
        foreach (var parameter in parameters)
        {
            Add(_fingerprint, parameter, new StringBuilder(), byMembers: false);
        }
    }

    private void Add(List<KeyPart> parts, IParameterSymbol parameter, StringBuilder schema, bool byMembers)
    {
        if (_shapes.Read(parameter.Type, parameter.Name, schema, byMembers) is { } shape)
        {
            parts.Add(new KeyPart(Names.Escape(parameter.Name), default, shape));
            return;
        }

        _context.Report(Rules.NoIdentity, parameter.Locations.FirstOrDefault(), _shapes.Offence.Path, _shapes.Offence.Reason);
    }

    private void CheckNotMarked(IParameterSymbol parameter, string marks, string advice)
    {
        if (IsMarked(parameter))
        {
            _context.Report(Rules.KeyChosenTwice, parameter.Locations.FirstOrDefault(), parameter.Name, marks, advice);
        }
    }

    private StringBuilder Separate() => _schema.Length == 0 ? _schema : _schema.Append(", ");

    private static bool IsChosen(IParameterSymbol parameter) => IsMarked(parameter) || ShapeReader.HasKeyMembers(parameter.Type);

    private static bool IsMarked(IParameterSymbol parameter) => parameter.FindAttribute("IdempotencyKeyAttribute") is not null;

    private static bool IsIgnored(IParameterSymbol parameter) => parameter.FindAttribute("IdempotencyIgnoreAttribute") is not null;
}
