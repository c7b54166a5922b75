using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>Requests from a body that have an effect elsewhere and do not say which intent they belong to.</summary>
internal static class OutgoingAdvice
{
    public static void Give(OperationBlockAnalysisContext context, IInvocationOperation call, BodyKey key)
    {
        var method = call.TargetMethod;
        if (method.ContainingType is not { } type || !IsRequest(type, method.Name))
        {
            return;
        }

        var body = call.Root();
        if ((method.Name.StartsWith("Send", StringComparison.Ordinal) && !body.Descendants().Any(MeansPost))
            || body.Descendants().Any(operation => PassesKeyOn(operation))
            || call.Arguments.Any(argument => argument.Descendants().Any(operation =>
                operation is IParameterReferenceOperation { Parameter: { } parameter } && key.IsChosen(parameter))))
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(AdviceRules.OutgoingWithoutKey, BypassAdvice.NameOf(call), method.Name, key.Guarded.Name));
    }

    private static bool IsRequest(INamedTypeSymbol type, string method) => type.Name switch
    {
        "HttpClient" or "HttpMessageInvoker" => method is "PostAsync" or "PatchAsync" or "SendAsync" or "Send" && type.IsIn("System.Net.Http"),
        "HttpClientJsonExtensions" => method is "PostAsJsonAsync" or "PatchAsJsonAsync" && type.IsIn("System.Net.Http.Json"),
        _ => false,
    };

    private static bool MeansPost(IOperation operation) =>
        operation is IPropertyReferenceOperation { Property: { Name: "Post" or "Patch", ContainingType: { Name: "HttpMethod" } type } } && type.IsIn("System.Net.Http");

    private static bool PassesKeyOn(IOperation operation) => operation switch
    {
        IPropertyReferenceOperation { Property: { Name: "Key", ContainingType: { } owner } } => owner.IsContext(),
        IInvocationOperation { TargetMethod: { Name: "ChildKey", ContainingType: { } owner } } => owner.IsContext(),
        IArgumentOperation { Value.Type: { } handed } => handed.IsContext(),
        _ => false,
    };
}
