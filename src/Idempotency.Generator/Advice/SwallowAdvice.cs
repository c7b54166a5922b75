using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>Handlers around a guarded call that hide what it has to say about its effect.</summary>
internal static class SwallowAdvice
{
    private static readonly string[] s_warnings = ["LeaseLostException", "OutcomeNotStoredException"];

    public static void Give(OperationAnalysisContext context, IInvocationOperation call)
    {
        var open = new List<string>(s_warnings);
        IOperation inner = call;
        foreach (var around in call.Ancestors())
        {
            if (around.IsFunction())
            {
                return; // who runs it handles it
            }

            if (around is ITryOperation attempt && attempt.Body == inner)
            {
                foreach (var handler in attempt.Catches)
                {
                    var caught = open.Where(name => Catches(handler, name)).ToArray();
                    if (caught.Length == 0)
                    {
                        continue;
                    }

                    if (Swallows(handler))
                    {
                        context.ReportDiagnostic(Diagnostic.Create(
                            AdviceRules.WarningSwallowed, PlaceOf(handler), string.Join(" and the ", caught), call.TargetMethod.Name));
                        return;
                    }

                    if (handler.Filter is null)
                    {
                        open.RemoveAll(caught.Contains);
                    }
                }

                if (attempt.Catches.Any(static handler => Rethrows(handler)))
                {
                    open = [.. s_warnings]; // comes past the next one too
                }
            }

            inner = around;
        }
    }

    private static bool Catches(ICatchClauseOperation handler, string name) =>
        handler.ExceptionType is not { } type || type.Name == name && type.IsIn(KnownTypes.Runtime) || IsBroad(handler);

    private static bool IsBroad(ICatchClauseOperation handler) => handler.ExceptionType switch
    {
        null => true,
        { Name: "Exception" or "SystemException" or "Object" } type => type.IsIn("System"),
        { Name: "IdempotencyException" } type => type.IsIn(KnownTypes.Runtime),
        _ => false,
    };

    private static bool Swallows(ICatchClauseOperation handler)
    {
        if (handler.Filter is not null || Rethrows(handler))
        {
            return false;
        }

        // A broad handler that answers the caller with something else has decided; one that only goes on has not.
        return handler.Handler.Descendants().All(operation => operation switch
        {
            IReturnOperation { ReturnedValue: not null } => !IsBroad(handler),
            ILocalReferenceOperation reference when IsCaught(reference, handler) => IsLogged(reference),
            _ => true,
        });
    }

    private static bool Rethrows(ICatchClauseOperation handler) => handler.Handler.Descendants().Any(static operation => operation is IThrowOperation);

    private static bool IsCaught(ILocalReferenceOperation reference, ICatchClauseOperation handler) =>
        handler.Locals.Any(local => SymbolEqualityComparer.Default.Equals(local, reference.Local));

    // Told to people who may read it some day, but to no caller.
    private static bool IsLogged(IOperation reference) =>
        reference.Ancestors().OfType<IInvocationOperation>().LastOrDefault() is { TargetMethod: { } method }
        && (method.Name.StartsWith("Log", StringComparison.Ordinal) || method.Name.StartsWith("Write", StringComparison.Ordinal)
            || method.ContainingType?.Name.IndexOf("Log", StringComparison.Ordinal) >= 0);

    private static Location PlaceOf(ICatchClauseOperation handler) => handler.Syntax is CatchClauseSyntax clause
        ? (clause.Declaration?.Type.GetLocation() ?? clause.CatchKeyword.GetLocation())
        : handler.Syntax.GetLocation();
}
