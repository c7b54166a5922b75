using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>The declaration of a body method, with types as the user wrote them on the annotated method.</summary>
internal static class BodyDeclaration
{
    /// <summary>The first of the body's names that is free for it, or null.</summary>
    public static string? FreeName(MethodContext method)
    {
        var parameters = Types(method.Method);
        return BodyParser.NamesFor(method).FirstOrDefault(name => SyntaxFacts.IsValidIdentifier(name) && method.Type.GetMembers(name).All(member =>
            member is IMethodSymbol { MethodKind: MethodKind.Ordinary } other && (other.Arity != method.Method.Arity || Types(other) != parameters)));
    }

    /// <summary>The method as a private one of another name, without whatever belongs to the declaration only.</summary>
    public static MethodDeclarationSyntax From(MethodDeclarationSyntax method, IMethodSymbol symbol, string name)
    {
        var modifiers = method.Modifiers
            .Where(static modifier => modifier.Kind()
                is SyntaxKind.StaticKeyword or SyntaxKind.ReadOnlyKeyword or SyntaxKind.UnsafeKeyword or SyntaxKind.AsyncKeyword)
            .Select(static modifier => PartialKeyword.Word(modifier.Kind()));
        var parameters = method.ParameterList.ReplaceNodes(method.ParameterList.Parameters, static (parameter, _) => Plain(parameter));
        return WithOwnConstraints(method.WithParameterList(parameters), symbol)
            .WithAttributeLists(default)
            .WithModifiers(SyntaxFactory.TokenList([PartialKeyword.Word(SyntaxKind.PrivateKeyword), .. modifiers]))
            .WithReturnType(method.ReturnType.WithoutLeadingTrivia())
            .WithIdentifier(SyntaxFactory.Identifier(Names.Escape(name)).WithTriviaFrom(method.Identifier))
            .WithLeadingTrivia(Layout.IndentationOf(method).Insert(0, Layout.EndOfLineOf(method)));
    }

    private static ParameterSyntax Plain(ParameterSyntax parameter)
    {
        var modifiers = parameter.Modifiers
            .Where(static modifier => modifier.Kind() is SyntaxKind.InKeyword or SyntaxKind.ScopedKeyword or SyntaxKind.RefKeyword)
            .Select(static modifier => PartialKeyword.Word(modifier.IsKind(SyntaxKind.RefKeyword) ? SyntaxKind.InKeyword : modifier.Kind()));
        var plain = parameter.WithAttributeLists(default).WithModifiers(SyntaxFactory.TokenList(modifiers)).WithDefault(null);
        return plain
            .WithIdentifier(plain.Identifier.WithTrailingTrivia(parameter.GetTrailingTrivia()))
            .WithType(plain.Type?.WithoutLeadingTrivia())
            .WithLeadingTrivia(parameter.GetLeadingTrivia());
    }

    // An override inherits its constraints. The body is none, so that it has to say them.
    private static MethodDeclarationSyntax WithOwnConstraints(MethodDeclarationSyntax method, IMethodSymbol symbol)
    {
        var clauses = symbol.IsOverride
            ? string.Concat(symbol.TypeParameters.Select(ConstraintParser.InMessage).Where(static clause => clause.Length > 0).Select(static clause => " " + clause))
            : "";
        if (clauses.Length == 0 || SyntaxFactory.ParseMemberDeclaration($"void X<T>(){clauses};") is not MethodDeclarationSyntax parsed)
        {
            return method;
        }

        var last = method.ConstraintClauses.LastOrDefault() ?? (SyntaxNode)method.ParameterList;
        return method
            .WithParameterList(method.ParameterList.WithTrailingTrivia(SyntaxFactory.Space))
            .WithConstraintClauses([.. parsed.ConstraintClauses.Select((clause, i) =>
                i == parsed.ConstraintClauses.Count - 1 ? clause.WithTrailingTrivia(last.GetTrailingTrivia()) : clause)]);
    }

    private static string Types(IMethodSymbol method) => string.Join(
        ",", method.Parameters.Where(static parameter => !parameter.Type.IsContext()).Select(static parameter => parameter.Type.InIdentity()));
}
