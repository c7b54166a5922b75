using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>Every analyzer there is, and what they may report.</summary>
internal static class Analyzers
{
    // The highest rule for which a method gets no guard.
    private const string LastRefusal = "IDEM019";

    public static ImmutableArray<DiagnosticAnalyzer> All { get; } =
    [
        .. typeof(IdempotentAnalyzer).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static IEnumerable<DiagnosticDescriptor> Rules => All.SelectMany(static analyzer => analyzer.SupportedDiagnostics);

    public static bool LeavesTheGuard(string rule) => string.CompareOrdinal(rule, LastRefusal) > 0;
}
