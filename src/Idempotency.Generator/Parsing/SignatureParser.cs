using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Parsing;

/// <summary>Reads how the implementing part has to be declared so that the compiler takes it for the same method.</summary>
internal static class SignatureParser
{
    public static SignatureModel Parse(MethodContext context)
    {
        var method = context.Method;
        var declaration = (MethodDeclarationSyntax)method.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation);
        var constraints = method.TypeParameters.Select(ConstraintParser.Parse).Where(static clause => clause.Length > 0).ToEquatableArray();
        return new SignatureModel(
            method.Name,
            Names.Escape(method.Name),
            string.Concat(declaration.Modifiers.Where(static m => !m.IsKind(SyntaxKind.PartialKeyword)).Select(static m => m.Text + " ")) + "partial",
            Reference(method.RefKind) + method.ReturnType.InCode(),
            KindOf(method),
            ResultOf(method)?.InCode() ?? "",
            method.TypeParameters.Select(static parameter => Names.EscapeType(parameter.Name)).ToEquatableArray(),
            method.IsOverride ? ConstraintParser.OfOverride(declaration) : constraints,
            constraints,
            method.Parameters.Select(Parameter).ToEquatableArray(),
            method.Parameters.FirstOrDefault(static parameter => parameter.Type.IsCancellationToken()) is { } token ? Names.Escape(token.Name) : null,
            MissingAttributes(method).ToEquatableArray());
    }

    /// <summary>What the operation gives, or null where it gives nothing.</summary>
    public static ITypeSymbol? ResultOf(IMethodSymbol method) => method.ReturnType switch
    {
        { SpecialType: SpecialType.System_Void } => null,
        INamedTypeSymbol task when task.IsTaskLike() => task.TypeArguments.FirstOrDefault(),
        var type => type,
    };

    private static ResultKind KindOf(IMethodSymbol method) => method.ReturnType switch
    {
        { SpecialType: SpecialType.System_Void } => ResultKind.Void,
        INamedTypeSymbol { Name: "Task" } task when task.IsTaskLike() => task.Arity == 0 ? ResultKind.Task : ResultKind.TaskOfValue,
        INamedTypeSymbol task when task.IsTaskLike() => task.Arity == 0 ? ResultKind.ValueTask : ResultKind.ValueTaskOfValue,
        _ => ResultKind.Value,
    };

    private static ParameterModel Parameter(IParameterSymbol parameter)
    {
        var name = Names.Escape(parameter.Name);
        var modifiers = parameter switch
        {
            { Ordinal: 0, ContainingSymbol: IMethodSymbol { IsExtensionMethod: true } } => "this ",
            { IsParams: true } => "params ",
            _ => "",
        };
        if (parameter is { ScopedKind: not ScopedKind.None, IsParams: false, RefKind: not RefKind.Out })
        {
            modifiers += "scoped ";
        }

        modifiers += parameter.RefKind == RefKind.In ? "in " : Reference(parameter.RefKind);
        return new ParameterModel(name, $"{modifiers}{parameter.Type.InCode()} {name}");
    }

    // Refused methods are declared too.
    private static string Reference(RefKind kind) => kind switch
    {
        RefKind.Ref => "ref ",
        RefKind.Out => "out ",
        RefKind.RefReadOnly or RefKind.RefReadOnlyParameter => "ref readonly ",
        _ => "",
    };

    // The attributes of both parts are added up, and neither of these may be there twice.
    private static IEnumerable<string> MissingAttributes(IMethodSymbol method)
    {
        var present = new HashSet<string?>(method.GetAttributes().Select(static attribute => attribute.AttributeClass?.Name));
        if (!present.Contains("GeneratedCodeAttribute"))
        {
            yield return "global::System.CodeDom.Compiler.GeneratedCode(\"Idempotency.Generator\", \"1\")";
        }

        if (!present.Contains("DebuggerStepThroughAttribute"))
        {
            yield return "global::System.Diagnostics.DebuggerStepThrough";
        }
    }
}
