using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Idempotency.Generator.Advice;

/// <summary>Keys that are new with every call, so that no call is ever a duplicate.</summary>
internal static class FreshKeyAdvice
{
    public static void Give(OperationAnalysisContext context, IInvocationOperation call, AttributeData attribute)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument is { ArgumentKind: ArgumentKind.Explicit, Parameter: { } parameter }
                && CallKey.Includes(GuardedTypes.Declaration(call.TargetMethod).Parameters.ElementAtOrDefault(parameter.Ordinal) ?? parameter, attribute)
                && SourceOf(argument.Value, call) is { } source)
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    AdviceRules.FreshKey, argument.Value.Syntax.GetLocation(), parameter.Name, source, call.TargetMethod.Name));
            }
        }
    }

    private static string? SourceOf(IOperation value, IInvocationOperation call)
    {
        if (FreshIn(value) is { } direct)
        {
            return direct;
        }

        // A local made here and handed to one call only, which nothing repeats with the same value.
        if (value.Unwrap() is not ILocalReferenceOperation { Local: { } local })
        {
            return null;
        }

        IVariableDeclaratorOperation? declarator = null;
        var uses = 0;
        foreach (var operation in call.Root().Descendants())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation found when Same(found.Symbol, local):
                    declarator = found;
                    break;
                case ILocalReferenceOperation reference when Same(reference.Local, local):
                    uses++;
                    break;
            }
        }

        return uses == 1 && declarator?.GetVariableInitializer()?.Value is { } initial && IsOncePerCall(declarator, call) ? FreshIn(initial) : null;
    }

    /// <summary>What makes the value new each time.</summary>
    private static string? FreshIn(IOperation value) => value.Unwrap() switch
    {
        IInvocationOperation { TargetMethod: { } method } call => FreshBy(method) ?? Receiver(call) ?? Fragments(call.Arguments),
        IPropertyReferenceOperation { Property: { } property } reference => FreshBy(property) ?? (reference.Instance is { } owner ? FreshIn(owner) : null),
        IInterpolatedStringOperation text => text.Parts.OfType<IInterpolationOperation>()
            .Select(static part => FreshIn(part.Expression)).FirstOrDefault(static found => found is not null),
        IBinaryOperation binary => FreshIn(binary.LeftOperand) ?? FreshIn(binary.RightOperand),
        IObjectCreationOperation { Type: { } made } creation => made.Name == "DateTimeOffset" && made.IsIn("System") ? Fragments(creation.Arguments) : null,
        _ => null,
    };

    // Guid.NewGuid().ToString() is as new as its receiver.
    private static string? Receiver(IInvocationOperation call) => call.Instance is { } owner ? FreshIn(owner) : null;

    private static string? Fragments(IEnumerable<IArgumentOperation> arguments) => arguments
        .Where(static argument => argument.Parameter?.ContainingType is { SpecialType: SpecialType.System_String } or { Name: "DateTimeOffset" })
        .Select(static argument => FreshIn(argument.Value)).FirstOrDefault(static found => found is not null);

    private static string? FreshBy(ISymbol member) => member.ContainingType is { } type && IsFresh(type, member.Name)
        ? $"{type.Name}.{member.Name}"
        : null;

    private static bool IsFresh(INamedTypeSymbol type, string member) => (type.Name, member) switch
    {
        ("Guid", "NewGuid" or "CreateVersion7") => type.IsIn("System"),
        ("DateTime", "Now" or "UtcNow") or ("DateTimeOffset", "Now" or "UtcNow") => type.IsIn("System"),
        ("TimeProvider", "GetUtcNow" or "GetLocalNow" or "GetTimestamp") => type.IsIn("System"),
        ("Environment", "TickCount" or "TickCount64") => type.IsIn("System"),
        ("Random", _) => type.IsIn("System") && member.StartsWith("Next", StringComparison.Ordinal),
        ("Stopwatch", "GetTimestamp" or "Elapsed" or "ElapsedTicks" or "ElapsedMilliseconds") => type.IsIn("System.Diagnostics"),
        ("RandomNumberGenerator", "GetBytes" or "GetInt32" or "GetHexString" or "GetString") => type.IsIn("System.Security.Cryptography"),
        ("Path", "GetRandomFileName") => type.IsIn("System.IO"),
        _ => false,
    };

    private static bool Same(ILocalSymbol one, ILocalSymbol other) => SymbolEqualityComparer.Default.Equals(one, other);

    // A loop or function between the two could call again with the value it was given: that is a retry, and right.
    private static bool IsOncePerCall(IOperation declarator, IOperation call)
    {
        var scope = declarator.Parent;
        while (scope is not (null or IBlockOperation))
        {
            scope = scope.Parent;
        }

        for (var current = call.Parent; current is not null && current != scope; current = current.Parent)
        {
            if (current is ILoopOperation or IAnonymousFunctionOperation or ILocalFunctionOperation)
            {
                return false;
            }
        }

        return true;
    }
}
