using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Advice;

/// <summary>Failures: lists of exceptions that say nothing, or the opposite of something else.</summary>
internal static class FailureAdvice
{
    public static void Give(MethodContext context, OperationModel operation)
    {
        var locked = FailureParser.Types(context, "LockOn");
        var unlocked = FailureParser.Types(context, "UnlockOn");
        var holds = operation.OnCrash == "Hold";
        var locks = operation.OnFailure == "Lock";
        for (var i = 0; i < locked.Count; i++)
        {
            if (AgainstLock(locked, i, locks) is { } reason)
            {
                Report(context, "LockOn", i, locked[i], reason);
            }
        }

        for (var i = 0; i < unlocked.Count; i++)
        {
            if (AgainstUnlock(unlocked, i, locked, locks, holds) is { } reason)
            {
                Report(context, "UnlockOn", i, unlocked[i], reason);
            }
        }

        if (holds && !locks && locked.Count == 0 && unlocked.Count == 0)
        {
            context.Report(AdviceRules.HoldWithUnlock, context.Arguments.LocationOf("OnCrash"), context.Method.Name);
        }
    }

    private static string? AgainstLock(IReadOnlyList<INamedTypeSymbol> list, int at, bool locks) => list[at] switch
    {
        var type when Has(list.Take(at), type) => "is there twice; remove one",
        var type when Derives(type, "OperationCanceledException", "System") =>
            "has no effect, because a cancellation is never stored as the outcome; remove it, or throw an exception of your own",
        var type when IsException(type) && !locks => "locks the key on every failure, against OnFailure.Unlock; write OnFailure = OnFailure.Lock instead",
        _ => null, // under OnFailure.Lock too an entry has a meaning: the exception is replayed as itself
    };

    private static string? AgainstUnlock(
        IReadOnlyList<INamedTypeSymbol> list, int at, IReadOnlyList<INamedTypeSymbol> locked, bool locks, bool holds) => list[at] switch
    {
        var type when Has(list.Take(at), type) => "is there twice; remove one",
        var type when Has(locked, type) => "is in LockOn too, and would free the key; remove it from one of them",
        var type when IsException(type) && locks => "frees the key on every failure, against OnFailure.Lock; write OnFailure = OnFailure.Unlock instead",
        var type when !locks && !holds && !locked.Any(wider => IsBase(wider, type)) =>
            "has no effect, because OnFailure.Unlock frees the key anyway; remove it, or choose OnFailure.Lock",
        _ => null,
    };

    private static void Report(MethodContext context, string list, int at, INamedTypeSymbol type, string reason) => context.Report(
        AdviceRules.FailureListsContradict, context.Arguments.LocationOf(list, at), type.Name, list, context.Method.Name, reason);

    private static bool Has(IEnumerable<INamedTypeSymbol> types, INamedTypeSymbol type) =>
        types.Any(other => SymbolEqualityComparer.Default.Equals(other, type));

    private static bool IsException(INamedTypeSymbol type) => type.Name == "Exception" && type.IsIn("System");

    private static bool IsBase(INamedTypeSymbol wider, INamedTypeSymbol type)
    {
        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current, wider))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Derives(INamedTypeSymbol type, string name, string space)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.Name == name && current.IsIn(space))
            {
                return true;
            }
        }

        return false;
    }
}
