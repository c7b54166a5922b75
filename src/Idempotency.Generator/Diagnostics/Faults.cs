using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Diagnostics;

/// <summary>
/// What was found wrong with one method. The parser fills it and gives no model when there is anything in it; the generator stops
/// there, the analyzer reports. So both have one idea of what is valid.
/// </summary>
internal sealed class Faults
{
    private readonly List<Diagnostic> _found = [];

    public bool Any => _found.Count > 0;

    public IReadOnlyList<Diagnostic> Found => _found;

    public void Add(DiagnosticDescriptor rule, Location? location, params object[] arguments) =>
        _found.Add(Diagnostic.Create(rule, location, arguments));
}
