using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>Bodies that run in a transaction: settings that mean nothing there, and bodies that end it themselves.</summary>
internal static class TransactionAdvice
{
    /// <returns>The operation without the settings that mean nothing, for the other advice.</returns>
    public static OperationModel Give(MethodContext context, OperationModel operation)
    {
        foreach (var (name, isSet) in new[] { ("OnCrash", operation.OnCrash is not null), ("Lease", operation.Lease is not null) })
        {
            if (isSet)
            {
                context.Report(AdviceRules.NoEffectInTransaction, context.Arguments.LocationOf(name), name, context.Method.Name);
            }
        }

        return operation with { OnCrash = null, Lease = new DurationModel(0, "") };
    }

    public static void Give(OperationBlockAnalysisContext context, IInvocationOperation call, BodyKey key)
    {
        if (key.Transaction is { } transaction
            && Ends(call.TargetMethod)
            && Origin(call.Instance ?? call.Arguments.FirstOrDefault()?.Value) is IParameterReferenceOperation origin
            && SymbolEqualityComparer.Default.Equals(origin.Parameter, transaction))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                AdviceRules.TransactionEnded, BypassAdvice.NameOf(call), call.TargetMethod.Name, key.Guarded.Name));
        }
    }

    // Rolling back to a savepoint, which has a name, ends nothing.
    private static bool Ends(IMethodSymbol method) =>
        method.Name is "Commit" or "CommitAsync" or "Rollback" or "RollbackAsync" or "Dispose" or "DisposeAsync"
            or "CommitTransaction" or "CommitTransactionAsync" or "RollbackTransaction" or "RollbackTransactionAsync"
        && !method.Parameters.Any(static parameter => parameter.Type.SpecialType == SpecialType.System_String);

    // context.Database.CommitTransaction()
    private static IOperation? Origin(IOperation? operation) => operation switch
    {
        IConversionOperation conversion => Origin(conversion.Operand),
        IPropertyReferenceOperation { Property.Name: "Database" or "CurrentTransaction" } property => Origin(property.Instance),
        _ => operation,
    };
}
