using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Diagnostics;

/// <summary>Whether there is a place that the guard can be written to: a partial declaration in a partial type.</summary>
internal static class DeclarationRules
{
    /// <summary>How the files end that this generator writes.</summary>
    public const string FileEnding = ".Idempotent.g.cs";

    public static void Check(IMethodSymbol method, AttributeData attribute, Faults faults)
    {
        if (Reason(method, attribute) is { } reason)
        {
            faults.Add(Rules.NotADeclaration, method.Locations.FirstOrDefault(), method.Name, reason);
        }

        for (var type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            foreach (var reference in type.DeclaringSyntaxReferences)
            {
                if (reference.GetSyntax() is TypeDeclarationSyntax declaration && !declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
                {
                    faults.Add(Rules.TypeNotPartial, declaration.Identifier.GetLocation(), type.Name, method.Name);
                    break;
                }
            }
        }
    }

    private static string? Reason(IMethodSymbol method, AttributeData attribute)
    {
        if (!method.IsPartialDefinition)
        {
            return method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() switch
            {
                MethodDeclarationSyntax { Body: null, ExpressionBody: null } => "make it partial",
                MethodDeclarationSyntax declaration when declaration.Modifiers.Any(SyntaxKind.PartialKeyword) =>
                    "this is the implementing part, which the compiler writes; move the body to a method of its own and the attribute to a partial declaration",
                _ => "it has a body; make it a partial declaration without one and move the body to a method of its own",
            };
        }

        if (method.PartialImplementationPart is { } implementation && !IsOurs(implementation))
        {
            return "its implementing part is written by hand, but the compiler writes it; move its body to a method of its own";
        }

        return attribute.ApplicationSyntaxReference is { } place && !method.DeclaringSyntaxReferences.Any(part =>
            part.SyntaxTree == place.SyntaxTree && part.Span.Contains(place.Span))
            ? "the attribute is on the implementing part; move it to the declaration"
            : null;
    }

    // The analyzer sees the compilation with the generated file in it.
    private static bool IsOurs(IMethodSymbol implementation) => implementation.DeclaringSyntaxReferences.All(
        part => part.SyntaxTree.FilePath.EndsWith(FileEnding, StringComparison.Ordinal));
}
