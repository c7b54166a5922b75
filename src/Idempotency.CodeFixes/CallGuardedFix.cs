using System.Collections.Immutable;
using System.Composition;
using Idempotency.Generator.Advice;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.CodeFixes;

/// <summary>Calls the guarded method where its body was called.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CallGuardedFix)), Shared]
public sealed class CallGuardedFix : DocumentFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [AdviceRules.GuardBypassed.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => Everywhere();

    private protected override IEnumerable<Edit> EditsFor(Place place)
    {
        if (place.Node is not SimpleNameSyntax name
            || name.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } invocation
            || place.Model.GetOperation(invocation) is not IInvocationOperation call
            || new GuardedTypes(place.Model.Compilation).GuardOf(call.TargetMethod) is not { } guarded
            || guarded.IsStatic != call.TargetMethod.IsStatic
            || Arguments(invocation, call, guarded) is not { } arguments)
        {
            yield break;
        }

        var renamed = name.WithIdentifier(SyntaxFactory.Identifier(Names.Escape(guarded.Name)).WithTriviaFrom(name.Identifier));
        var mended = invocation.ReplaceNode(name, renamed).WithArgumentList(arguments);
        if (IsCallOf(guarded, mended, invocation, place.Model))
        {
            yield return new Edit($"Call '{guarded.Name}'", editor => editor.ReplaceNode(invocation, (current, _) =>
                Rewritten((InvocationExpressionSyntax)current, renamed, arguments)));
        }
    }

    // Calls inside the arguments may have been mended before.
    private static InvocationExpressionSyntax Rewritten(InvocationExpressionSyntax current, SimpleNameSyntax renamed, ArgumentListSyntax arguments)
    {
        var called = current.Expression switch
        {
            MemberAccessExpressionSyntax member => member.WithName(renamed),
            MemberBindingExpressionSyntax member => member.WithName(renamed),
            _ => (ExpressionSyntax)renamed,
        };
        return current.WithExpression(called).WithArgumentList(arguments);
    }

    // The same arguments, without those that only a body takes, and by name where their place has moved.
    private static ArgumentListSyntax? Arguments(InvocationExpressionSyntax invocation, IInvocationOperation call, IMethodSymbol guarded)
    {
        var sources = BodySignature.Arguments(guarded, GuardedTypes.Declaration(call.TargetMethod)).ToArray();
        var kept = new List<ArgumentSyntax>();
        var supplied = new HashSet<string>(StringComparer.Ordinal);
        foreach (var argument in invocation.ArgumentList.Arguments)
        {
            if (call.Arguments.FirstOrDefault(candidate => candidate.ArgumentKind == ArgumentKind.Explicit && argument.Span.Contains(candidate.Syntax.Span))?.Parameter is not { } parameter)
            {
                return null; // one of several in a params array, or not yet code
            }

            if (TargetOf(sources[parameter.Ordinal], guarded) is { } target)
            {
                kept.Add(At(argument, target, kept.Count));
                supplied.Add(target.Name);
            }
            else if (sources[parameter.Ordinal].Kind == BodyArgumentKind.Parameter)
            {
                return null;
            }
        }

        return guarded.Parameters.All(parameter => parameter.IsOptional || supplied.Contains(parameter.Name))
            ? invocation.ArgumentList.WithArguments(Separated(kept, invocation.ArgumentList.Arguments))
            : null;
    }

    private static IParameterSymbol? TargetOf(BodyArgument source, IMethodSymbol guarded) => source.Kind switch
    {
        BodyArgumentKind.Parameter => guarded.Parameters.FirstOrDefault(parameter => Names.Escape(parameter.Name) == source.Parameter),
        BodyArgumentKind.Token => guarded.Parameters.FirstOrDefault(static parameter => parameter.Type.IsCancellationToken()),
        _ => null,
    };

    private static ArgumentSyntax At(ArgumentSyntax argument, IParameterSymbol target, int place) =>
        argument.NameColon is null && target.Ordinal == place
            ? argument
            : argument.WithoutLeadingTrivia()
                .WithNameColon(SyntaxFactory.NameColon(Names.Escape(target.Name)).WithTrailingTrivia(SyntaxFactory.Space))
                .WithLeadingTrivia(argument.GetLeadingTrivia());

    private static SeparatedSyntaxList<ArgumentSyntax> Separated(List<ArgumentSyntax> kept, SeparatedSyntaxList<ArgumentSyntax> all) =>
        SyntaxFactory.SeparatedList(kept, all.GetSeparators().Take(Math.Max(0, kept.Count - 1)));

    // Another overload might take the call.
    private static bool IsCallOf(IMethodSymbol guarded, InvocationExpressionSyntax mended, InvocationExpressionSyntax original, SemanticModel model) =>
        original.FirstAncestorOrSelf<ConditionalAccessExpressionSyntax>() is not null // which cannot be bound by itself
        || (model.GetSpeculativeSymbolInfo(original.SpanStart, mended, SpeculativeBindingOption.BindAsExpression).Symbol is IMethodSymbol called
            && SymbolEqualityComparer.Default.Equals(GuardedTypes.Declaration(called), guarded));
}
