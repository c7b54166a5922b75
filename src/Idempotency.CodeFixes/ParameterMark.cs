using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Simplification;

namespace Idempotency.CodeFixes;

/// <summary><c>[IdempotencyKey]</c> and <c>[IdempotencyIgnore]</c> on a parameter.</summary>
internal static class ParameterMark
{
    public const string Key = "IdempotencyKey";
    public const string Ignore = "IdempotencyIgnore";

    public static bool Has(IParameterSymbol parameter, string mark) => parameter.FindAttribute(mark + "Attribute") is not null;

    /// <summary>Whether a value of the parameter's type can be told from another.</summary>
    public static bool HasIdentity(IParameterSymbol parameter, Compilation compilation) =>
        new ShapeReader(compilation).Read(parameter.Type, parameter.Name, new System.Text.StringBuilder(), ShapeReader.HasKeyMembers(parameter.Type)) is not null;

    public static ParameterSyntax Of(IParameterSymbol parameter, MethodDeclarationSyntax method) => method.ParameterList.Parameters[parameter.Ordinal];

    /// <summary>Marks a parameter in front of all that is there.</summary>
    public static void Add(ParameterSyntax parameter, string mark, SyntaxEditor editor) => editor.ReplaceNode(parameter, (current, _) =>
    {
        var unmarked = (ParameterSyntax)current;
        var list = SyntaxFactory.AttributeList(
            SyntaxFactory.Token(unmarked.GetLeadingTrivia(), SyntaxKind.OpenBracketToken, default),
            null,
            [SyntaxFactory.Attribute(Name(mark))],
            SyntaxFactory.Token(default, SyntaxKind.CloseBracketToken, [SyntaxFactory.Space]));
        return unmarked.WithLeadingTrivia().WithAttributeLists(unmarked.WithLeadingTrivia().AttributeLists.Insert(0, list));
    });

    /// <summary>Puts one mark in another's place.</summary>
    public static void Replace(IParameterSymbol parameter, string old, string mark, SyntaxEditor editor)
    {
        if (parameter.FindAttribute(old + "Attribute")?.ApplicationSyntaxReference?.GetSyntax() is AttributeSyntax attribute)
        {
            editor.ReplaceNode(attribute.Name, Name(mark).WithTriviaFrom(attribute.Name));
        }
    }

    private static NameSyntax Name(string mark) =>
        SyntaxFactory.ParseName($"global::{KnownTypes.Runtime}.{mark}").WithAdditionalAnnotations(Simplifier.Annotation);
}
