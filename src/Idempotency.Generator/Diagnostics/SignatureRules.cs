using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Diagnostics;

/// <summary>Whether a call of the method can be remembered and answered again, and why not.</summary>
internal static class SignatureRules
{
    public static void Check(IMethodSymbol method, Faults faults)
    {
        if (ReasonAgainstKind(method) is { } kind)
        {
            faults.Add(Rules.Unsupported, method.Locations.FirstOrDefault(), Name(method), kind);
            return; // what follows is about ordinary methods
        }

        if (ReasonAgainstMethod(method) is { } reason)
        {
            faults.Add(Rules.Unsupported, method.Locations.FirstOrDefault(), method.Name, reason);
        }

        if (ReturnRules.ReasonAgainst(method) is { } result)
        {
            faults.Add(Rules.Unsupported, method.Locations.FirstOrDefault(), method.Name, result);
        }

        foreach (var parameter in method.Parameters)
        {
            if (ReasonAgainst(parameter) is { } against)
            {
                faults.Add(Rules.Unsupported, parameter.Locations.FirstOrDefault(), method.Name, against);
            }
        }

        foreach (var type in method.Parameters.Select(parameter => parameter.Type).Concat([method.ReturnType]))
        {
            if (TypeRules.Unknown(type) is { } unknown)
            {
                // Not for the user's eyes where the type is missing for everyone: then the compiler says so more plainly.
                faults.Add(Rules.NotWritten, method.Locations.FirstOrDefault(), method.Name, $"the type '{unknown.Name}' cannot be found");
            }
        }
    }

    /// <summary>Whether a declaration says <c>async</c>, which no symbol of one tells.</summary>
    public static bool IsAsyncDeclaration(IMethodSymbol method) => method.DeclaringSyntaxReferences.Any(static part => part.GetSyntax()
        is MethodDeclarationSyntax { Body: null, ExpressionBody: null } declaration && declaration.Modifiers.Any(SyntaxKind.AsyncKeyword));

    private static string? ReasonAgainstKind(IMethodSymbol method) => method switch
    {
        { MethodKind: MethodKind.ExplicitInterfaceImplementation } or { ExplicitInterfaceImplementations.Length: > 0 } =>
            "an explicit interface implementation cannot be partial; guard a method of another name and forward to it",
        { MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction } =>
            "a local function or lambda cannot be partial; move it to a method, or call IdempotencyGuard.RunAsync",
        { MethodKind: not MethodKind.Ordinary } => "only ordinary methods can be partial; move the code to one",
        { ContainingType.TypeKind: not (TypeKind.Class or TypeKind.Struct or TypeKind.Interface) } =>
            "a member of an extension block cannot be partial; write it as a static method with a this parameter",
        _ => null,
    };

    private static string? ReasonAgainstMethod(IMethodSymbol method)
    {
        for (var type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            if (type.IsFileLocal)
            {
                return $"'{type.Name}' is a file-local type, and the guard lives in another file; make it internal";
            }
        }

        if (method.ContainingType.IsRefLikeType)
        {
            return $"'{method.ContainingType.Name}' is a ref struct, which the body could outlive; make it a struct or a class";
        }

        if (IsAsyncDeclaration(method))
        {
            return "a declaration without a body cannot be async; put 'async' on the body method";
        }

        if (method.IsVararg)
        {
            return "it takes __arglist, which cannot be remembered; take an array";
        }

        if (method.TypeParameters.FirstOrDefault(static parameter => parameter.AllowsRefLikeType) is { } open)
        {
            return $"its type parameter '{open.Name}' allows ref structs, which cannot be remembered; remove 'allows ref struct'";
        }

        return method.Parameters.Count(static parameter => parameter.Type.IsCancellationToken()) > 1
            ? "it takes more than one CancellationToken, and only one can end its waiting; link them before the call"
            : null;
    }

    private static string? ReasonAgainst(IParameterSymbol parameter) => parameter.RefKind switch
    {
        RefKind.Ref => $"parameter '{parameter.Name}' is passed by ref, and a replay could not write to it; return the value",
        RefKind.Out => $"parameter '{parameter.Name}' is an out parameter, and a replay could not write to it; return a tuple",
        _ => TypeRules.ReasonAgainst(parameter.Type) is { } reason ? $"parameter '{parameter.Name}' {reason}" : null,
    };

    private static string Name(IMethodSymbol method) => method.Name.Length > 0 ? method.Name : "lambda";
}
