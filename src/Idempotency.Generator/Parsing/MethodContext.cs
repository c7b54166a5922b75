using System.Globalization;
using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>The method being read, and where to say what is wrong with it. Lives no longer than the reading.</summary>
internal sealed class MethodContext(
    IMethodSymbol method, AttributeData attribute, Compilation compilation, Faults faults, CancellationToken cancellation)
{
    public IMethodSymbol Method => method;

    public INamedTypeSymbol Type => method.ContainingType;

    public Arguments Arguments { get; } = new(attribute);

    public Compilation Compilation => compilation;

    public CancellationToken Cancellation => cancellation;

    public bool HasFaults => faults.Any;

    public DiagnosticDescriptor FirstRule => faults.Found[0].Descriptor;

    public string FirstMessage => faults.Found[0].GetMessage(CultureInfo.InvariantCulture);

    public Location? Location => method.Locations.FirstOrDefault();

    /// <summary>The parameters that say something about the call: neither the token, nor the context, nor the guard.</summary>
    public IEnumerable<IParameterSymbol> Values => method.Parameters.Where(static parameter => IsValue(parameter));

    public static bool IsValue(IParameterSymbol parameter) =>
        !parameter.Type.IsCancellationToken() && !parameter.Type.IsContext() && !parameter.Type.IsGuard();

    public void Report(DiagnosticDescriptor rule, Location? location, params object[] arguments) => faults.Add(rule, location, arguments);

    public bool IsAccessible(ISymbol symbol) => compilation.IsSymbolAccessibleWithin(symbol, Type);
}
