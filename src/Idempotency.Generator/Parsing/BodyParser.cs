using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>Finds the method that does the work: by name, then by what it takes and returns.</summary>
internal static class BodyParser
{
    /// <summary>The body method as a symbol, or null where there is not exactly one.</summary>
    public static IMethodSymbol? Find(MethodContext context) => Matches(context, out _) is { Count: 1 } matches ? matches[0] : null;

    public static BodyModel? Parse(MethodContext context)
    {
        var names = NamesFor(context);
        var matches = Matches(context, out var other);
        if (matches.Count > 1)
        {
            var found = string.Join(", ", matches.Select(static match => match.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)));
            context.Report(Rules.SeveralBodies, context.Location, context.Method.Name, found);
            return null;
        }

        if (matches.Count == 0)
        {
            context.Report(
                Rules.BodyMissing,
                context.Arguments.LocationOf("Body") ?? context.Location,
                context.Method.Name,
                other is null ? "" : $" ('{other}' has another signature)",
                BodySignature.Expected(context.Method, names[0]));
            return null;
        }

        var body = matches[0];
        if (body is { IsAsync: true, ReturnsVoid: true })
        {
            context.Report(
                Rules.Unsupported, context.Location, context.Method.Name, $"its body '{body.Name}' is async void, whose end nobody can await; return Task from both");
            return null;
        }

        var transactions = BodySignature.Transactions(context.Method, body).ToArray();
        if (transactions.Length > 1)
        {
            context.Report(
                Rules.Unsupported,
                transactions[1].Locations.FirstOrDefault() ?? context.Location,
                context.Method.Name,
                $"its body '{body.Name}' takes both '{transactions[0].Name}' and '{transactions[1].Name}', and a call has one transaction; " +
                "take one, and get the other from it");
            return null;
        }

        var call = Names.Escape(body.Name) + (context.Method.Arity == 0
            ? ""
            : $"<{string.Join(", ", context.Method.TypeParameters.Select(static parameter => Names.EscapeType(parameter.Name)))}>");
        return new BodyModel(
            body.IsStatic ? body.ContainingType.InCodePlain() : null,
            call,
            BodySignature.Arguments(context.Method, body).ToEquatableArray(),
            transactions.FirstOrDefault()?.Type.InCodePlain());
    }

    // Also the name of a method that would be the body if its signature were another.
    private static List<IMethodSymbol> Matches(MethodContext context, out string? other)
    {
        var matches = new List<IMethodSymbol>();
        other = null;
        foreach (var name in NamesFor(context))
        {
            var candidates = Nearest(context, name);
            matches.AddRange(candidates.Where(static candidate => candidate.Matches).Select(static candidate => candidate.Method));
            other ??= candidates.FirstOrDefault(static candidate => !candidate.Matches).Method?.Name;
        }

        return matches;
    }

    /// <summary>What the body may be called, the usual name first.</summary>
    public static string[] NamesFor(MethodContext context)
    {
        var name = context.Method.Name;
        if (context.Arguments.Text("Body") is { } chosen)
        {
            return [chosen];
        }

        if (!name.EndsWith("Async", StringComparison.Ordinal) || name.Length == "Async".Length)
        {
            return [name + "Core"];
        }

        var stem = name.Substring(0, name.Length - "Async".Length);
        return [stem + "CoreAsync", stem + "AsyncCore"];
    }

    // As in a call, the nearest type that has a fitting method hides those further up.
    private static List<(IMethodSymbol Method, bool Matches)> Nearest(MethodContext context, string name)
    {
        var seen = new List<(IMethodSymbol Method, bool Matches)>();
        for (var type = context.Type; type is not null; type = type.BaseType)
        {
            foreach (var member in type.GetMembers(name))
            {
                if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary } candidate
                    && !SymbolEqualityComparer.Default.Equals(candidate, context.Method)
                    && context.IsAccessible(candidate))
                {
                    seen.Add((candidate, BodySignature.Fits(context.Method, candidate)));
                }
            }

            if (seen.Any(static candidate => candidate.Matches))
            {
                break;
            }
        }

        return seen;
    }
}
