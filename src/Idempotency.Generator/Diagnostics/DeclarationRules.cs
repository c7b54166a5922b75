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
            if (NotPartial(type) is { } declaration)
            {
                faults.Add(Rules.TypeNotPartial, declaration.Identifier.GetLocation(), type.Name, method.Name);
            }
        }
    }

    /// <summary>
    /// Whether an implementing part can be written at all. Where the language forbids one, the compiler says so itself.
    /// </summary>
    public static bool CanBeImplemented(IMethodSymbol method)
    {
        if (method is not { MethodKind: MethodKind.Ordinary, IsPartialDefinition: true, IsVararg: false, ExplicitInterfaceImplementations.IsEmpty: true }
            || method.PartialImplementationPart is { } implementation && !IsOurs(implementation)
            || SignatureRules.IsAsyncDeclaration(method))
        {
            return false;
        }

        return !IsTypeClosed(method);
    }

    /// <summary>Whether nothing can be added to the method's type from another file.</summary>
    public static bool IsTypeClosed(IMethodSymbol method)
    {
        for (var type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            if (type.IsFileLocal || type.TypeKind is not (TypeKind.Class or TypeKind.Struct or TypeKind.Interface) || NotPartial(type) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the generator wrote the method without a guard. Its guards are blocks; what it writes where it refuses is an expression.
    /// </summary>
    public static bool IsRefusal(IMethodSymbol implementation) => implementation.DeclaringSyntaxReferences.Any(
        static part => part.GetSyntax() is MethodDeclarationSyntax { ExpressionBody: not null });

    private static TypeDeclarationSyntax? NotPartial(INamedTypeSymbol type) => type.DeclaringSyntaxReferences
        .Select(static part => part.GetSyntax()).OfType<TypeDeclarationSyntax>()
        .FirstOrDefault(static declaration => !declaration.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static string? Reason(IMethodSymbol method, AttributeData attribute)
    {
        if (method.IsAbstract && !method.IsPartialDefinition)
        {
            return "it is abstract; put the attribute on the methods that implement it";
        }

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
