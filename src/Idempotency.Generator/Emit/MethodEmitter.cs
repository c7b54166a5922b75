using Idempotency.Generator.Model;

namespace Idempotency.Generator.Emit;

/// <summary>Writes the implementing part of an annotated method: its key, and one call of the runtime.</summary>
internal sealed class MethodEmitter
{
    private const string Call = "global::Idempotency.Execution.GeneratedCall";
    private const string NoResult = "global::Idempotency.NoResult";

    private readonly GuardedMethod _method;
    private readonly string _operation;
    private readonly SourceWriter _writer;
    private readonly NameScope _names;
    private readonly Dictionary<string, string> _copies = new(StringComparer.Ordinal);
    private readonly string _key;
    private readonly string _arguments;
    private readonly string _state;
    private readonly string _context;

    /// <param name="operation">The expression that reaches the operation's description.</param>
    /// <param name="taken">The names of the type's generated members: a local must not hide them.</param>
    public MethodEmitter(GuardedMethod method, string operation, HashSet<string> taken, SourceWriter writer)
    {
        _method = method;
        _operation = operation;
        _writer = writer;
        _names = new NameScope(NamesIn(method), around: taken);
        _key = _names.Next("__key");
        _arguments = _names.Next("__arguments");
        _state = _names.Next("__state");
        _context = _names.Next("__context");
    }

    public static string ResultType(GuardedMethod method) =>
        method.Signature.Result is ResultKind.Void or ResultKind.Task or ResultKind.ValueTask ? NoResult : method.Signature.ResultType;

    /// <summary>The names a method brings with it, which no generated one may hide.</summary>
    public static IEnumerable<string> NamesIn(GuardedMethod method) =>
        method.Signature.Parameters.Select(static parameter => parameter.Name.TrimStart('@')).Concat(method.Signature.TypeParameters);

    public static string Declaration(SignatureModel signature)
    {
        var typeParameters = signature.TypeParameters.Count == 0 ? "" : $"<{string.Join(", ", signature.TypeParameters)}>";
        var parameters = string.Join(", ", signature.Parameters.Select(static parameter => parameter.Declaration));
        var constraints = string.Concat(signature.Constraints.Select(static constraint => " " + constraint));
        return $"{signature.Modifiers} {signature.ReturnType} {signature.EscapedName}{typeParameters}({parameters}){constraints}";
    }

    public void Emit(IReadOnlyDictionary<string, string> writers)
    {
        foreach (var line in _method.Documentation)
        {
            _writer.Line($"/// {line}".TrimEnd());
        }

        foreach (var attribute in _method.Signature.Attributes)
        {
            _writer.Line($"[{attribute}]");
        }

        using (_writer.Block(Declaration(_method.Signature)))
        {
            EmitKey(new KeyEmitter(_writer, writers, _names));
            EmitCall();
        }
    }

    private void EmitKey(KeyEmitter emitter)
    {
        _writer.Line($"var {_key} = new {KeyEmitter.KeyWriter}({_operation}.KeyHeader, stackalloc byte[256]);");
        foreach (var type in _method.Key.TypeArguments)
        {
            _writer.Line($"{_key}.AddType(typeof({type}));");
        }

        EmitParts(_method.Key.Parts, emitter);
        if (_method.Key.IsChosen)
        {
            _writer.Line($"{_key}.RequireKey({_operation}.Name);");
        }

        if (_method.Key.Fingerprint.Count > 0)
        {
            _writer.Line($"{_key}.BeginFingerprint();");
            EmitParts(_method.Key.Fingerprint, emitter);
        }
    }

    private void EmitParts(IEnumerable<KeyPart> parts, KeyEmitter emitter)
    {
        foreach (var part in parts)
        {
            var value = part.Parameter;
            if (part.Path.Any(static hop => hop.IsConditional))
            {
                value = CopyOf(part.Parameter);
            }

            emitter.Add(part.Shape, _key, value + string.Concat(part.Path.Select(static hop => (hop.IsConditional ? "?." : ".") + hop.Member)));
        }
    }

    // Asking the parameter itself for null would make the compiler doubt it in the call below.
    private string CopyOf(string parameter)
    {
        if (!_copies.TryGetValue(parameter, out var copy))
        {
            copy = _names.Next("__" + parameter.TrimStart('@'));
            _copies.Add(parameter, copy);
            _writer.Line($"var {copy} = {parameter};");
        }

        return copy;
    }

    private void EmitCall()
    {
        var result = _method.Signature.Result;
        var (before, after) = result switch
        {
            ResultKind.Task or ResultKind.TaskOfValue => ($"return {Call}.RunAsync(", ").AsTask();"),
            ResultKind.ValueTask => ($"return {NoResult}.Drop({Call}.RunAsync(", "));"),
            ResultKind.ValueTaskOfValue => ($"return {Call}.RunAsync(", ");"),
            ResultKind.Value => ($"return {Call}.Run(", ");"),
            _ => ($"{Call}.Run(", ");"),
        };
        var (state, call) = StateAndCall();
        _writer.Line($"var {_arguments} = {state};"); // a local of its own: handed over as it is, it would be copied first
        _writer.Line(before);
        using (_writer.Indent())
        {
            _writer.Line($"{_method.Guard},");
            _writer.Line($"{_operation},");
            _writer.Line($"ref {_key},");
            _writer.Line($"in {_arguments},");
            _writer.Line($"static ({_state}, {_context}) => {Lambda(result, call)},");
            _writer.Line((_method.Signature.Token ?? "default") + after);
        }
    }

    private string Lambda(ResultKind result, string call) => result switch
    {
        ResultKind.Void => $"{{ {call}; return default; }}",
        ResultKind.Task or ResultKind.ValueTask => $"{NoResult}.After({call})",
        ResultKind.ValueTaskOfValue => call,
        _ => $"new global::System.Threading.Tasks.ValueTask<{_method.Signature.ResultType}>({call})",
    };

    // Elements are numbered, not named after parameters: one called Item3 or Rest would mean another element.
    private (string State, string Call) StateAndCall()
    {
        var body = _method.Body;
        var passed = body.Arguments.Where(static argument => argument.Kind == BodyArgumentKind.Parameter).Select(static argument => argument.Parameter!);
        var elements = new List<(string Name, string Value)>();
        if (body.Owner is null)
        {
            elements.Add(("self", "this"));
        }

        elements.AddRange(passed.Select(static (parameter, i) => ($"p{i + 1}", parameter)));
        string Read(string name) => elements.Count == 1 ? _state : $"{_state}.{name}";

        var next = 0;
        var arguments = body.Arguments.Select(argument => argument.Kind switch
        {
            BodyArgumentKind.Token => $"{_context}.CancellationToken",
            BodyArgumentKind.Context => _context,
            BodyArgumentKind.Transaction => $"{_context}.GetTransaction<{body.Transaction}>()",
            _ => Read($"p{++next}"),
        });
        var call = $"{body.Owner ?? Read("self")}.{body.Name}({string.Join(", ", arguments)})";
        var state = elements.Count switch
        {
            0 => "(object?)null",
            1 => elements[0].Value,
            _ => $"({string.Join(", ", elements.Select(static element => $"{element.Name}: {element.Value}"))})",
        };
        return (state, call);
    }
}
