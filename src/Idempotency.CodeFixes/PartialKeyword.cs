using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Idempotency.CodeFixes;

/// <summary>Writes the word <c>partial</c> where the guard needs it.</summary>
internal static class PartialKeyword
{
    /// <summary>Makes a type partial, and those around it: no part can be written into an inner one alone.</summary>
    public static void AddToTypes(SyntaxNode? innermost, SyntaxEditor editor)
    {
        foreach (var type in innermost?.AncestorsAndSelf().OfType<TypeDeclarationSyntax>() ?? [])
        {
            editor.ReplaceNode(type, static (current, _) => AddTo((TypeDeclarationSyntax)current));
        }
    }

    /// <summary>Makes a method partial. Outside of old-style <c>partial void</c> that takes the access it had without saying so.</summary>
    /// <param name="method">The method, in a tree or not.</param>
    /// <param name="type">What it stands in: where that is an interface, a partial method that does not say public is private.</param>
    public static MethodDeclarationSyntax AddTo(MethodDeclarationSyntax method, SyntaxNode? type)
    {
        var isInInterface = type is InterfaceDeclarationSyntax;
        var modifiers = method.Modifiers.ToList();
        if (!modifiers.Any(IsAccess) && (isInInterface || NeedsAccess(method)))
        {
            modifiers.Insert(0, Word(isInInterface ? SyntaxKind.PublicKeyword : SyntaxKind.PrivateKeyword));
        }

        modifiers.RemoveAll(static modifier => modifier.IsKind(SyntaxKind.PartialKeyword));
        modifiers.Add(Word(SyntaxKind.PartialKeyword)); // always the last
        return WithModifiers(method, modifiers);
    }

    /// <summary>Replaces the modifiers; what stood before the first of them stands before the first of the new.</summary>
    public static MethodDeclarationSyntax WithModifiers(MethodDeclarationSyntax method, IReadOnlyList<SyntaxToken> modifiers)
    {
        if (modifiers.Count == 0)
        {
            return method;
        }

        var before = method.Modifiers.Count > 0 ? method.Modifiers[0].LeadingTrivia : method.ReturnType.GetLeadingTrivia();
        var old = method.Modifiers.Count > 0 ? method.Modifiers[0] : default;
        return method
            .WithReturnType(method.Modifiers.Count > 0 ? method.ReturnType : method.ReturnType.WithoutLeadingTrivia())
            .WithModifiers(SyntaxFactory.TokenList(modifiers.Select((modifier, i) =>
                i == 0 ? modifier.WithLeadingTrivia(before) : modifier == old ? modifier.WithLeadingTrivia() : modifier)));
    }

    /// <summary>A word and the space after it; without the elastic trivia that would have its surroundings formatted anew.</summary>
    public static SyntaxToken Word(SyntaxKind kind) => SyntaxFactory.Token(default, kind, [SyntaxFactory.Space]);

    private static TypeDeclarationSyntax AddTo(TypeDeclarationSyntax type)
    {
        if (type.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            return type;
        }

        var partial = Word(SyntaxKind.PartialKeyword);
        return type.Modifiers.Count > 0
            ? type.AddModifiers(partial)
            : type.WithKeyword(type.Keyword.WithLeadingTrivia()).AddModifiers(partial.WithLeadingTrivia(type.Keyword.LeadingTrivia));
    }

    private static bool NeedsAccess(MethodDeclarationSyntax method) =>
        method.ReturnType is not PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword }
        || method.Modifiers.Any(static modifier => modifier.Kind()
            is SyntaxKind.VirtualKeyword or SyntaxKind.OverrideKeyword or SyntaxKind.SealedKeyword or SyntaxKind.NewKeyword);

    private static bool IsAccess(SyntaxToken modifier) => modifier.Kind()
        is SyntaxKind.PublicKeyword or SyntaxKind.PrivateKeyword or SyntaxKind.ProtectedKeyword or SyntaxKind.InternalKeyword;
}
