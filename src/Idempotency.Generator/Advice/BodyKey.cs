using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Advice;

/// <summary>A body method, and which of its parameters the key was made of.</summary>
internal sealed class BodyKey
{
    private readonly Dictionary<IParameterSymbol, IParameterSymbol> _arguments = new(SymbolEqualityComparer.Default);
    private readonly AttributeData _attribute;

    public BodyKey(IMethodSymbol body, IMethodSymbol guarded, AttributeData attribute)
    {
        Guarded = guarded;
        _attribute = attribute;

        // Values are handed over in their order.
        Transaction = BodySignature.Transactions(guarded, body).FirstOrDefault();
        var values = guarded.Parameters.Where(static parameter => MethodContext.IsValue(parameter));
        var taken = body.Parameters.Where(parameter => MethodContext.IsValue(parameter) && !SymbolEqualityComparer.Default.Equals(parameter, Transaction));
        foreach (var (own, source) in taken.Zip(values, static (own, source) => (own, source)))
        {
            _arguments[own] = source;
        }
    }

    public IMethodSymbol Guarded { get; }

    /// <summary>The parameter for which the guard supplies a transaction.</summary>
    public IParameterSymbol? Transaction { get; }

    /// <summary>The guarded method's parameter that a parameter of the body got its value from.</summary>
    public IParameterSymbol? SourceOf(IParameterSymbol parameter) => _arguments.TryGetValue(parameter, out var source) ? source : null;

    /// <summary>Whether the value, or something of it, is in the key.</summary>
    public bool Includes(IParameterSymbol parameter) => SourceOf(parameter) is { } source && CallKey.Includes(source, _attribute);

    public bool IsInKey(IParameterSymbol guardedParameter) => CallKey.Includes(guardedParameter, _attribute);

    /// <summary>Whether somebody chose the parameter as the key, rather than that all are.</summary>
    public bool IsChosen(IParameterSymbol parameter) => Includes(parameter)
        && (CallKey.IsMarked(SourceOf(parameter)!) || ShapeReader.HasKeyMembers(parameter.Type) || new Arguments(_attribute).Text("Key") is not null);

    public bool IsTemplate => new Arguments(_attribute).Text("Key") is not null;

    /// <summary>The parameters that are the key, in the order in which they are written to it.</summary>
    public IEnumerable<int> Ordinals => Guarded.Parameters
        .Where(parameter => MethodContext.IsValue(parameter) && IsInKey(parameter)).Select(static parameter => parameter.Ordinal);

    /// <summary>Whether another method is the same operation by name and version, so that what the two write to their keys meets.</summary>
    public bool IsSharedWith(AttributeData other)
    {
        var (own, others) = (new Arguments(_attribute), new Arguments(other));
        return own.Text("Name") is { } name && name == others.Text("Name")
            && Equals(own.Find("Version")?.Value ?? 1, others.Find("Version")?.Value ?? 1)
            && !IsTemplate && others.Text("Key") is null;
    }
}
