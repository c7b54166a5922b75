using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.CodeFixes;

/// <summary>A named argument of an attribute.</summary>
internal static class AttributeArgument
{
    /// <summary>Gives the argument this value, whether it is there or not.</summary>
    public static AttributeSyntax Set(AttributeSyntax attribute, string name, string value)
    {
        if (attribute.ArgumentList?.Arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == name) is { } present)
        {
            return attribute.ReplaceNode(present.Expression, SyntaxFactory.ParseExpression(value).WithTriviaFrom(present.Expression));
        }

        var added = SyntaxFactory.ParseAttributeArgumentList($"({name} = {value})")!.Arguments[0];
        return attribute.ArgumentList is { } list
            ? attribute.WithArgumentList(list.WithArguments(Appended(list.Arguments, added)))
            : attribute.WithName(attribute.Name.WithoutTrailingTrivia())
                .WithArgumentList(SyntaxFactory.AttributeArgumentList([added]).WithTrailingTrivia(attribute.Name.GetTrailingTrivia()));
    }

    private static SeparatedSyntaxList<AttributeArgumentSyntax> Appended(SeparatedSyntaxList<AttributeArgumentSyntax> arguments, AttributeArgumentSyntax added) =>
        arguments.Count == 0
            ? [added]
            : SyntaxFactory.SeparatedList<AttributeArgumentSyntax>(
                arguments.GetWithSeparators().Add(SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space])).Add(added));
}
