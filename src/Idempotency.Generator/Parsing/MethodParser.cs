using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>Turns an annotated method into plain data. It gets a guard exactly when there is no fault.</summary>
internal static class MethodParser
{
    public static MethodModel? Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        if (context.TargetSymbol is not IMethodSymbol { PartialDefinitionPart: null } method)
        {
            return null;
        }

        var model = Parse(method, context.SemanticModel.Compilation, new Faults(), cancellation);
        return model is GuardedMethod guarded
            ? guarded with { Documentation = Documentation.Of(method, context.TargetNode, guarded.Operation.Schema, cancellation) }
            : model;
    }

    public static MethodModel? Parse(IMethodSymbol method, Compilation compilation, Faults faults, CancellationToken cancellation)
    {
        if (method.FindAttribute(KnownTypes.Attribute) is not { } attribute)
        {
            return null;
        }

        SignatureRules.Check(method, faults);
        if (!faults.Any)
        {
            DeclarationRules.Check(method, attribute, faults);
        }

        cancellation.ThrowIfCancellationRequested();
        var context = new MethodContext(method, attribute, compilation, faults, cancellation);
        if (faults.Any)
        {
            return Refuse(context); // all else would be said about a method that has to change first
        }

        var guard = GuardParser.Parse(context);
        var body = BodyParser.Parse(context);
        var key = KeyParser.Parse(context);
        var operation = OperationParser.Parse(context, key);
        return faults.Any || guard is null || body is null || key is null || operation is null
            ? Refuse(context)
            : new GuardedMethod(TypeFacts.Of(context).Model, SignatureParser.Parse(context), operation, guard, body, key.Model);
    }

    private static MethodModel? Refuse(MethodContext context)
    {
        if (DeclarationRules.IsTypeClosed(context.Method))
        {
            return new BlockedMethod(TypeFacts.Of(context).Model, context.Method.Name, context.FirstRule.Id, context.FirstMessage);
        }

        return DeclarationRules.CanBeImplemented(context.Method) && context.FirstRule != Rules.NotWritten
            ? new RefusedMethod(TypeFacts.Of(context).Model, SignatureParser.Parse(context), context.FirstRule.Id)
            : null;
    }
}
