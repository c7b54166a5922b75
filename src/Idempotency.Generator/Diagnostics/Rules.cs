using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Diagnostics;

/// <summary>
/// Why a method gets no guard. A message says what is wrong and what to do. All are errors: a method that is not guarded as its author
/// asked must not be built. What there is to say about those that get one is in <see cref="AdviceRules"/>.
/// </summary>
internal static class Rules
{
    public const string Category = "Idempotency";

    public static readonly DiagnosticDescriptor BodyMissing = Rule(
        "IDEM001", "The body method is missing", "Method '{0}' has no body to run{1}; write '{2}'");

    public static readonly DiagnosticDescriptor NotADeclaration = Rule(
        "IDEM002", "The method is not a partial declaration", "Method '{0}' cannot get a guard: {1}");

    public static readonly DiagnosticDescriptor NoGuard = Rule(
        "IDEM003", "There is no guard", "Method '{0}' finds no IdempotencyGuard: {1}");

    public static readonly DiagnosticDescriptor SeveralGuards = Rule(
        "IDEM004", "There are several guards", "Method '{0}' finds several guards ({1}); choose one with Guard = nameof(...)");

    public static readonly DiagnosticDescriptor Unsupported = Rule(
        "IDEM005", "The method cannot be guarded", "Method '{0}' cannot be guarded: {1}");

    public static readonly DiagnosticDescriptor TypeNotPartial = Rule(
        "IDEM006", "The type is not partial", "Type '{0}' must be partial, so that the guard of '{1}' can be written into it");

    public static readonly DiagnosticDescriptor SeveralBodies = Rule(
        "IDEM007",
        "Several body methods match",
        "Method '{0}' finds several bodies ({1}); keep one of them, or give one a name of its own and choose it with Body = nameof(...)");

    public static readonly DiagnosticDescriptor NoIdentity = Rule(
        "IDEM008",
        "An argument has no value identity",
        "Argument '{0}' has no value identity: {1}; ignore it with [IdempotencyIgnore], choose the key with [IdempotencyKey], " +
        "or implement IIdempotencyKeyPart");

    public static readonly DiagnosticDescriptor BadDuration = Rule(
        "IDEM009",
        "The duration is not valid",
        "{0} is not a duration from 1 ms to {2} days: '{1}'; write one such as \"250ms\", \"30s\", \"5m\", \"24h\", \"7d\" or \"1.00:00:00\"");

    public static readonly DiagnosticDescriptor BadIdentity = Rule(
        "IDEM010", "The identity or policy is not valid", "{0} of '{1}' must {2}");

    public static readonly DiagnosticDescriptor BadTemplate = Rule(
        "IDEM011", "The key template is wrong", "The key template of '{0}' is wrong: {1}");

    public static readonly DiagnosticDescriptor KeyChosenTwice = Rule(
        "IDEM012", "The key is chosen twice", "Parameter '{0}' is marked {1}; {2}");

    public static readonly DiagnosticDescriptor NothingIdentifies = Rule(
        "IDEM013",
        "Nothing identifies the call",
        "Every parameter of '{0}' is ignored, so that all calls would be one; leave at least one of them in the key");

    public static readonly DiagnosticDescriptor NotAnException = Rule(
        "IDEM014", "The type is not an exception", "{0} lists '{1}', which {2}; list exception types only");

    public static readonly DiagnosticDescriptor NotWritten = Rule(
        "IDEM015", "No guard was written", "No guard was written for '{0}': {1}");

    public static ImmutableArray<DiagnosticDescriptor> All { get; } =
    [
        BodyMissing, NotADeclaration, NoGuard, SeveralGuards, Unsupported, TypeNotPartial, SeveralBodies, NoIdentity, BadDuration,
        BadIdentity, BadTemplate, KeyChosenTwice, NothingIdentifies, NotAnException, NotWritten,
    ];

    public static string HelpFor(string id) => $"https://github.com/idempotency-net/idempotency/blob/main/docs/rules/{id}.md";

    private static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id,
        title,
        message,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: HelpFor(id));
}
