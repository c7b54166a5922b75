using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;

namespace Idempotency.Generator.Advice;

/// <summary>What is doubtful about a method that gets its guard.</summary>
internal static class DeclarationAdvice
{
    public static void Give(MethodContext context, GuardedMethod method)
    {
        PolicyAdvice.Give(context, method.Operation);
        FailureAdvice.Give(context, method.Operation);
        ResultAdvice.Give(context);
        KeyAdvice.Give(context, method.Key);
    }
}
