using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>
/// What a body method takes and returns: the annotated method's values in their order and its result; the token, the context, the
/// guard and a transaction if it wants them.
/// </summary>
internal static class BodySignature
{
    public static bool Fits(IMethodSymbol method, IMethodSymbol body)
    {
        if (body.Arity != method.Arity || (method.IsStatic && !body.IsStatic) || body.RefKind != RefKind.None)
        {
            return false;
        }

        for (var i = 0; i < body.Arity; i++)
        {
            if (!ConstraintParser.Implies(method.TypeParameters[i], body.TypeParameters[i], type => InTermsOf(method, type)))
            {
                return false;
            }
        }

        var bound = body.Arity == 0 ? body : body.Construct([.. method.TypeParameters]);
        return bound.Parameters.Count(static parameter => parameter.Type.IsContext()) <= 1
            && bound.Parameters.Count(static parameter => parameter.Type.IsCancellationToken()) <= 1
            && bound.Parameters.All(static parameter => parameter.RefKind is RefKind.None or RefKind.In)
            && Nullability.Fits(bound.ReturnType, method.ReturnType, atTop: false)
            && TryPair(method, bound, out _);
    }

    /// <summary>What a body that fits is handed, in the order of its parameters.</summary>
    public static List<BodyArgument> Arguments(IMethodSymbol method, IMethodSymbol body)
    {
        TryPair(method, body.Arity == 0 ? body : body.Construct([.. method.TypeParameters]), out var arguments);
        return arguments;
    }

    /// <summary>The parameters for which the guard supplies a transaction.</summary>
    public static IEnumerable<IParameterSymbol> Transactions(IMethodSymbol method, IMethodSymbol body) =>
        Arguments(method, body).Zip(body.Parameters, static (argument, parameter) => (argument, parameter))
            .Where(static pair => pair.argument.Kind == BodyArgumentKind.Transaction).Select(static pair => pair.parameter);

    /// <summary>The declaration to write.</summary>
    public static string Expected(IMethodSymbol method, string name)
    {
        var typeParameters = method.Arity == 0 ? "" : $"<{string.Join(", ", method.TypeParameters.Select(static parameter => parameter.Name))}>";
        var parameters = method.Parameters
            .Where(static parameter => !parameter.Type.IsContext() && !parameter.Type.IsGuard())
            .Select(static parameter => $"{parameter.Type.InMessage()} {Names.Escape(parameter.Name)}");
        var constraints = string.Concat(method.TypeParameters
            .Select(ConstraintParser.InMessage).Where(static clause => clause.Length > 0).Select(static clause => " " + clause));
        return $"private {(method.IsStatic ? "static " : "")}{(method.ReturnType.IsTaskLike() ? "async " : "")}" +
            $"{method.ReturnType.InMessage()} {name}{typeParameters}({string.Join(", ", parameters)}){constraints}";
    }

    // A constraint such as IComparable<T> speaks of the body's own T.
    private static ITypeSymbol InTermsOf(IMethodSymbol method, ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol { TypeParameterKind: TypeParameterKind.Method } parameter => method.TypeParameters[parameter.Ordinal],
        INamedTypeSymbol { IsGenericType: true } named =>
            named.OriginalDefinition.Construct([.. named.TypeArguments.Select(argument => InTermsOf(method, argument))]),
        _ => type,
    };

    private static bool TryPair(IMethodSymbol method, IMethodSymbol body, out List<BodyArgument> arguments)
    {
        arguments = [];
        var values = new Queue<IParameterSymbol>(method.Parameters.Where(static parameter => MethodContext.IsValue(parameter)));
        var guards = new Queue<IParameterSymbol>(method.Parameters.Where(static parameter => parameter.Type.IsGuard()));
        foreach (var parameter in body.Parameters)
        {
            if (parameter.Type.IsCancellationToken())
            {
                arguments.Add(new BodyArgument(BodyArgumentKind.Token));
            }
            else if (parameter.Type.IsContext())
            {
                arguments.Add(new BodyArgument(BodyArgumentKind.Context));
            }
            else
            {
                var source = parameter.Type.IsGuard() ? guards : values;
                if (source.Count > 0 && Nullability.Fits(source.Peek().Type, parameter.Type, atTop: true))
                {
                    arguments.Add(new BodyArgument(BodyArgumentKind.Parameter, Names.Escape(source.Dequeue().Name)));
                }
                else if (parameter.Type.IsTransactional())
                {
                    arguments.Add(new BodyArgument(BodyArgumentKind.Transaction));
                }
                else
                {
                    return false;
                }
            }
        }

        return values.Count == 0;
    }
}
