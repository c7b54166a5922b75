using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;

namespace Idempotency.Generator.Advice;

/// <summary>What is doubtful about a method that gets its guard.</summary>
internal static class DeclarationAdvice
{
    public static void Give(MethodContext context, GuardedMethod method)
    {
        var operation = method.Operation;
        if (method.Body.Transaction is not null)
        {
            operation = TransactionAdvice.Give(context, operation);
        }

        PolicyAdvice.Give(context, operation);
        FailureAdvice.Give(context, operation);
        ResultAdvice.Give(context);
        KeyAdvice.Give(context, method.Key);
    }
}
