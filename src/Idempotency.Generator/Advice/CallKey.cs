using System.Text.RegularExpressions;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Advice;

/// <summary>Which parameters of a guarded method identify its calls, without reading what they are made of.</summary>
internal static class CallKey
{
    private static readonly Regex s_placeholder = new(@"(?<!\{)\{(\w+)", RegexOptions.CultureInvariant);

    public static bool Includes(IParameterSymbol parameter, AttributeData attribute)
    {
        if (!MethodContext.IsValue(parameter) || parameter.FindAttribute("IdempotencyIgnoreAttribute") is not null)
        {
            return false;
        }

        if (new Arguments(attribute).Text("Key") is { } template)
        {
            return s_placeholder.Matches(template).Cast<Match>().Any(match => match.Groups[1].Value == parameter.Name);
        }

        return IsMarked(parameter) || !((IMethodSymbol)parameter.ContainingSymbol).Parameters.Any(IsMarked);
    }

    public static bool IsMarked(IParameterSymbol parameter) => parameter.FindAttribute("IdempotencyKeyAttribute") is not null;
}
