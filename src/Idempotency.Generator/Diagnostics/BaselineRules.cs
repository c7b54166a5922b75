using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Diagnostics;

/// <summary>What to report when the key schemas are no longer those that the project committed to.</summary>
internal static class BaselineRules
{
    public static readonly DiagnosticDescriptor SchemaChanged = Rule(
        "IDEM038",
        "A key schema changed without a new version",
        "The keys of '{0}' were '{1}' and are now '{2}', so that a retry from before the change would run it again; undo the change, or start anew with Version = {3} and put that into the key baseline",
        DiagnosticSeverity.Error);

    public static readonly DiagnosticDescriptor OperationLost = Rule(
        "IDEM039",
        "An operation of the key baseline is gone",
        "No method has the keys of '{0}' any more{1}, so that a retry from before the change would run again; give the method that replaces it Name = \"{2}\" to keep them, or remove the line if nothing does",
        DiagnosticSeverity.Error,
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor NotInBaseline = Rule(
        "IDEM040",
        "An operation is not in the key baseline",
        "The key baseline does not know '{0}'{1}, so that nobody would notice if its keys changed; add the line '{2}'",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor BaselineUnreadable = Rule(
        "IDEM041",
        "The key baseline cannot be read",
        "The key baseline '{0}' {1}",
        DiagnosticSeverity.Error,
        WellKnownDiagnosticTags.CompilationEnd);

    public static ImmutableArray<DiagnosticDescriptor> All { get; } = [SchemaChanged, OperationLost, NotInBaseline, BaselineUnreadable];

    private static DiagnosticDescriptor Rule(string id, string title, string message, DiagnosticSeverity severity, params string[] tags) => new(
        id, title, message, Rules.Category, severity, isEnabledByDefault: true, helpLinkUri: Rules.HelpFor(id), customTags: tags);
}
