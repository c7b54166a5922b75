using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Diagnostics;

/// <summary>
/// What to report about methods that do get a guard: it is there, but does not do what its author may think, or is gone around.
/// </summary>
internal static class AdviceRules
{
    public static readonly DiagnosticDescriptor SharedIdentity = Rule(
        "IDEM020",
        "Two operations share an identity",
        "Operation '{0}' version {1} is also '{2}', so that stored outcomes do not tell them apart; give one of them another Name",
        DiagnosticSeverity.Error,
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor TtlShorterThanLease = Rule(
        "IDEM021",
        "The outcome is remembered for less than the lease",
        "'{0}' remembers its outcome for {1}, less than its lease of {2}, so that a caller who retries after a lost answer runs it again; raise Ttl above how long callers retry, or lower Lease",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor WaitTimeoutWithoutWait = Rule(
        "IDEM022",
        "The wait timeout has no effect",
        "Duplicates of '{0}' never wait, so that WaitTimeout has no effect; add OnDuplicate = OnDuplicate.Wait, or remove WaitTimeout",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor WaitWithoutToken = Rule(
        "IDEM023",
        "A wait cannot be cancelled",
        "Duplicates of '{0}' wait up to {1}, and no caller can end that; add the parameter 'CancellationToken cancellationToken = default'",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor FailureListsContradict = Rule(
        "IDEM024",
        "LockOn and UnlockOn contradict the policy",
        "'{0}' in {1} of '{2}' {3}",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor HoldWithUnlock = Rule(
        "IDEM025",
        "Hold does not cover every failure",
        "Under OnCrash.Hold and OnFailure.Unlock a cancellation, timeout, HTTP, socket or I/O failure leaves '{0}' in doubt, while any other exception frees the key and the next call runs the body again; " +
        "list exceptions that follow the effect in LockOn, those that precede it in UnlockOn, or choose OnFailure.Lock",
        DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor ResultCannotBeStored = Rule(
        "IDEM026",
        "The result cannot be stored",
        "'{0}'{1} in the result of '{2}' ends with the process or has to be closed, so that no duplicate can get it again; return the data itself, such as a record, a string, a list or a byte array",
        DiagnosticSeverity.Error);

    public static readonly DiagnosticDescriptor ResultWithoutContract = Rule(
        "IDEM027",
        "A replay would not know the type of the result",
        "'{0}'{1} in the result of '{2}' can be anything, and what is stored does not say what it was; return a concrete type, or list the derived types with [JsonDerivedType]",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ResultNotInContext = Rule(
        "IDEM028",
        "The result has no JSON contract in a trimmed application",
        "No JsonSerializerContext lists '{0}', the result of '{1}', and a trimmed application cannot find out by reflection how to store it; " +
        "add [JsonSerializable(typeof({0}))] to a context and the context to IdempotencyOptions.JsonTypeInfoResolvers",
        DiagnosticSeverity.Warning,
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor FloatingPointKey = Rule(
        "IDEM029",
        "A floating-point number is in the key",
        "Key part '{0}' is a {1}, which rounding makes another key for the same intent; use decimal or a whole number of the smallest unit, or ignore it",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor SensitiveKey = Rule(
        "IDEM030",
        "A secret or personal value is in the key",
        "Key part '{0}' looks like a {1}, which can be guessed from the stored hash; leave it out of the key, or set IdempotencyOptions.KeySecret",
        DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor FreshKey = Rule(
        "IDEM031",
        "The key is new with every call",
        "Key argument '{0}' comes from {1} and is new with every call, so that no call of '{2}' is ever a duplicate; pass an identity that the caller keeps for its retries, or mark other parameters with [IdempotencyKey]",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor GuardBypassed = Rule(
        "IDEM032",
        "A body is called past its guard",
        "'{0}' is the body of '{1}' and runs unguarded when it is called directly; call '{1}'",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor KeyArgumentChanged = Rule(
        "IDEM033",
        "The body changes an argument that is in the key",
        "The body changes '{0}', which is in the key of '{1}', so that a caller who passes the same object again gets another key and a second run; work on a copy",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor CallsItself = Rule(
        "IDEM034",
        "The operation calls itself with its own key",
        "'{0}' is called from its own body with its own key, which is taken, so that the call throws ReentrantOperationException; call the code that does the work, or pass another key",
        DiagnosticSeverity.Error);

    public static readonly DiagnosticDescriptor WarningSwallowed = Rule(
        "IDEM035",
        "A lost lease or unstored outcome goes unnoticed",
        "This catch swallows the {0} of '{1}', after which the caller goes on as if all were well; rethrow it, or catch it before and decide",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RetryPastGuard = Rule(
        "IDEM036",
        "A method is retried without the guard that it has",
        "'{0}' is repeated here without a guard, though '{1}' with [Idempotent] is there to be repeated; call that one",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor OutgoingWithoutKey = Rule(
        "IDEM037",
        "An outgoing request does not carry the key",
        "'{0}' in the body of '{1}' passes no key on, so that the other side cannot tell a repetition after a crash from a new request; take an IdempotencyContext parameter and send context.Key, or context.ChildKey(step) for each of several requests",
        DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor StructChanged = Rule(
        "IDEM042",
        "The body changes a copy of its struct",
        "The body changes '{0}' of the struct '{1}', but works on a copy that '{2}' made, so that the change is lost; make '{1}' a class, or return what changed",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor NoEffectInTransaction = Rule(
        "IDEM043",
        "The setting has no effect in a transaction",
        "{0} says nothing about '{1}', whose body runs in a transaction: when its process dies, all of it is rolled back and the next call runs the body; remove {0}",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor TransactionEnded = Rule(
        "IDEM044",
        "The body ends the transaction of its call",
        "'{0}' ends the transaction in which '{1}' commits its outcome, so that effect and outcome come apart; remove it: the guard commits when the body returns and rolls back when it throws",
        DiagnosticSeverity.Error);

    /// <summary>Those about the code around guarded methods.</summary>
    public static ImmutableArray<DiagnosticDescriptor> OfCalls { get; } =
        [FreshKey, GuardBypassed, KeyArgumentChanged, CallsItself, WarningSwallowed, RetryPastGuard, OutgoingWithoutKey, StructChanged, TransactionEnded];

    /// <summary>Those about one declaration.</summary>
    public static ImmutableArray<DiagnosticDescriptor> OfDeclarations { get; } =
    [
        TtlShorterThanLease, WaitTimeoutWithoutWait, WaitWithoutToken, FailureListsContradict, HoldWithUnlock, ResultCannotBeStored, ResultWithoutContract,
        FloatingPointKey, SensitiveKey, NoEffectInTransaction,
    ];

    private static DiagnosticDescriptor Rule(string id, string title, string message, DiagnosticSeverity severity, params string[] tags) => new(
        id, title, message, Rules.Category, severity, isEnabledByDefault: true, helpLinkUri: Rules.HelpFor(id), customTags: tags);
}
