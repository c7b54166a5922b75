using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator.Benchmarks;

/// <summary>What all analyzers together take, by the compiler's own telemetry.</summary>
internal static class Analysis
{
    public static TimeSpan Of(Shop shop, int times) => Measure.Median(times, () =>
    {
        Generation.Driver(shop).RunGeneratorsAndUpdateCompilation(shop.Compilation(), out var compilation, out _);
        compilation.GetDiagnostics(); // the compiler has done its own part before it asks them
        var analyzers = All();
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: false, logAnalyzerExecutionTime: true);
        var analysis = compilation.WithAnalyzers(analyzers, options);

        // Waited for in place: a console program has nobody else to serve, and what is taken is the analyzers' own time.
        analysis.GetAnalysisResultAsync(CancellationToken.None).GetAwaiter().GetResult();
        return analyzers.Aggregate(
            TimeSpan.Zero,
            (sum, analyzer) => sum + analysis.GetAnalyzerTelemetryInfoAsync(analyzer, CancellationToken.None).GetAwaiter().GetResult().ExecutionTime);
    });

    private static ImmutableArray<DiagnosticAnalyzer> All() =>
    [
        .. typeof(IdempotentAnalyzer).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];
}
