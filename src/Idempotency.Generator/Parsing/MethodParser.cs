using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>Turns an annotated method into plain data. There is a model exactly when there is no fault.</summary>
internal static class MethodParser
{
    public static MethodModel? Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation) =>
        context.TargetSymbol is IMethodSymbol { PartialDefinitionPart: null } method
            ? Parse(method, context.SemanticModel.Compilation, new Faults(), cancellation)
            : null;

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

        if (faults.Any)
        {
            return null; // all else would be said about a method that has to change first
        }

        cancellation.ThrowIfCancellationRequested();
        var context = new MethodContext(method, attribute, compilation, faults, cancellation);
        var guard = GuardParser.Parse(context);
        var body = BodyParser.Parse(context);
        var key = KeyParser.Parse(context);
        var operation = OperationParser.Parse(context, key);
        return faults.Any || guard is null || body is null || key is null || operation is null
            ? null
            : new MethodModel(TypeFacts.Of(context).Model, SignatureParser.Parse(context), operation, guard, body, key.Model);
    }
}
