using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>Says of one rule how severe it is.</summary>
internal sealed class EditorConfig(string id, ReportDiagnostic severity) : SyntaxTreeOptionsProvider
{
    public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

    public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic found)
    {
        found = severity;
        return diagnosticId == id;
    }

    public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic found)
    {
        found = severity;
        return diagnosticId == id;
    }
}
