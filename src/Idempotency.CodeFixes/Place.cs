using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.CodeFixes;

/// <summary>Where a diagnostic points, and the annotated method that it is about.</summary>
internal sealed class Place(SyntaxNode root, TextSpan span, SemanticModel model, CancellationToken cancellation)
{
    public TextSpan Span => span;

    public SemanticModel Model => model;

    public SyntaxNode Node => root.FindNode(span, getInnermostNodeForTie: true);

    public MethodDeclarationSyntax? Declaration => Node.FirstAncestorOrSelf<MethodDeclarationSyntax>();

    /// <summary>What the rules know of the method, or null where there is no annotated one.</summary>
    public MethodContext? Method =>
        Declaration is { } declaration
        && model.GetDeclaredSymbol(declaration, cancellation) is { } method
        && method.FindAttribute(KnownTypes.Attribute) is { } attribute
            ? new MethodContext(method, attribute, model.Compilation, new Faults(), cancellation)
            : null;

    /// <summary>The attribute of that method, where it stands in the same document.</summary>
    public AttributeSyntax? Attribute =>
        Method?.Method.FindAttribute(KnownTypes.Attribute)?.ApplicationSyntaxReference?.GetSyntax(cancellation) is AttributeSyntax attribute
        && attribute.SyntaxTree == root.SyntaxTree
            ? attribute
            : null;
}
