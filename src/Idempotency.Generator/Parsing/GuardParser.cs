using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>
/// Finds the guard as logging generators find their logger: a parameter of the method, else a field or property of the type or the
/// nearest base type that has one, else a parameter of the primary constructor. So a field that was initialised from such a
/// parameter wins, and the parameter is not captured a second time.
/// </summary>
internal static class GuardParser
{
    public static string? Parse(MethodContext context)
    {
        if (context.Arguments.Text("Guard") is { } name)
        {
            return Named(context, name);
        }

        var parameters = context.Method.Parameters.Where(static parameter => parameter.Type.IsGuard()).Select(static p => p.Name).ToArray();
        if (parameters.Length > 0)
        {
            return One(context, parameters, static parameter => parameter) is { } parameter ? Names.Escape(parameter) : null;
        }

        var facts = TypeFacts.Of(context);
        var members = context.Method.IsStatic ? facts.StaticGuards : facts.Guards;
        if (members.Count > 0)
        {
            return One(context, members, static member => member.Name)?.Expression;
        }

        if (context.Method.IsStatic)
        {
            context.Report(Rules.NoGuard, context.Location, context.Method.Name, "it is static; give it a parameter of that type, or the type a static field");
            return null;
        }

        if (facts.PrimaryGuards.Count == 0)
        {
            context.Report(Rules.NoGuard, context.Location, context.Method.Name, $"give '{context.Type.Name}' a constructor parameter, field or property of that type");
            return null;
        }

        return One(context, facts.PrimaryGuards, static parameter => parameter) is { } primary ? Primary(context, primary) : null;
    }

    private static string? Named(MethodContext context, string name)
    {
        if (context.Method.Parameters.Any(parameter => parameter.Name == name && parameter.Type.IsGuard()))
        {
            return Names.Escape(name);
        }

        for (var type = context.Type; type is not null; type = type.BaseType)
        {
            foreach (var member in type.GetMembers(name))
            {
                if (GuardCandidate.IsGuard(member) && context.IsAccessible(member) && (member.IsStatic || !context.Method.IsStatic))
                {
                    return GuardCandidate.From(member).Expression;
                }
            }
        }

        if (!context.Method.IsStatic && TypeFacts.Of(context).PrimaryGuards.Contains(name))
        {
            return Primary(context, name);
        }

        var reach = context.Method.IsStatic ? "that a static method reaches" : "that it reaches";
        context.Report(
            Rules.NoGuard, context.Arguments.LocationOf("Guard"), context.Method.Name, $"'{name}' is no parameter, field or property of that type {reach}");
        return null;
    }

    private static T? One<T>(MethodContext context, IReadOnlyList<T> candidates, Func<T, string> name)
        where T : class
    {
        if (candidates.Count == 1)
        {
            return candidates[0];
        }

        context.Report(Rules.SeveralGuards, context.Location, context.Method.Name, string.Join(", ", candidates.Select(name)));
        return null;
    }

    private static string? Primary(MethodContext context, string name)
    {
        if (context.Method.Parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } hiding)
        {
            return Names.Escape(name);
        }

        context.Report(
            Rules.NoGuard, hiding.Locations.FirstOrDefault(), context.Method.Name,
            $"its parameter '{name}' hides the constructor parameter that holds the guard; rename one of them");
        return null;
    }
}
