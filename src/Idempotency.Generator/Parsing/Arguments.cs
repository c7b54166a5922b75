using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Parsing;

/// <summary>What the user wrote in the attribute.</summary>
internal sealed class Arguments(AttributeData attribute)
{
    /// <summary>The value, or null where it is absent, null or not yet a value of its type.</summary>
    public TypedConstant? Find(string name)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == name && argument.Value is { IsNull: false, Kind: not TypedConstantKind.Error })
            {
                return argument.Value;
            }
        }

        return null;
    }

    public string? Text(string name) => Find(name)?.Value as string;

    public Location? LocationOf(string name) => ExpressionOf(name)?.GetLocation();

    /// <summary>Where an element of an array argument stands, however the array is written.</summary>
    public Location? LocationOf(string name, int index)
    {
        var elements = ExpressionOf(name) switch
        {
            CollectionExpressionSyntax collection => [.. collection.Elements],
            ArrayCreationExpressionSyntax { Initializer: { } items } => [.. items.Expressions],
            ImplicitArrayCreationExpressionSyntax array => [.. array.Initializer.Expressions],
            _ => new List<Microsoft.CodeAnalysis.SyntaxNode>(),
        };
        return index < elements.Count ? elements[index].GetLocation() : LocationOf(name);
    }

    private ExpressionSyntax? ExpressionOf(string name) =>
        (attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax)?.ArgumentList?.Arguments
        .FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == name)?.Expression;
}
