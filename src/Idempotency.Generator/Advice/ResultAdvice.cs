using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Advice;

/// <summary>Results: whether a duplicate can be given what the first caller got.</summary>
internal static class ResultAdvice
{
    // As in the runtime, which refuses these before it claims a key.
    private static readonly (string Name, string Space)[] s_live =
    [
        ("Stream", "System.IO"), ("TextReader", "System.IO"), ("TextWriter", "System.IO"), ("Delegate", "System"), ("MemberInfo", "System.Reflection"),
        ("SafeHandle", "System.Runtime.InteropServices"), ("WaitHandle", "System.Threading"), ("Task", "System.Threading.Tasks"),
        ("IQueryable", "System.Linq"), ("IEnumerator", "System.Collections"), ("IAsyncEnumerable", "System.Collections.Generic"),
        ("CancellationToken", "System.Threading"), ("IDisposable", "System"), ("IAsyncDisposable", "System"),
    ];

    public static void Give(MethodContext context)
    {
        // What is inside or beside the first is no news.
        if (SignatureParser.ResultOf(context.Method) is { } result && Doubts(result, context.Compilation).FirstOrDefault() is { Rule: not null } doubt)
        {
            var place = doubt.Path.Length == 0 ? "" : $" at '{doubt.Path}'";
            context.Report(doubt.Rule, LocationOf(context.Method), doubt.Type.InMessage(), place, context.Method.Name);
        }
    }

    /// <summary>Whether the result has to become another type before anything else can be said about it.</summary>
    public static bool IsDoubtful(ITypeSymbol result, Compilation compilation) => Doubts(result, compilation).Any();

    private static IEnumerable<(DiagnosticDescriptor Rule, string Path, ITypeSymbol Type)> Doubts(ITypeSymbol result, Compilation compilation)
    {
        foreach (var (path, type) in ResultGraph.Of(result, compilation))
        {
            if (IsLive(type))
            {
                yield return (AdviceRules.ResultCannotBeStored, path, type);
            }
            else if (IsOpen(type))
            {
                yield return (AdviceRules.ResultWithoutContract, path, type);
            }
        }
    }

    /// <summary>Where the declaration says what comes out of it.</summary>
    public static Location? LocationOf(IMethodSymbol method)
    {
        var syntax = (method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() as MethodDeclarationSyntax)?.ReturnType;
        var name = syntax is QualifiedNameSyntax qualified ? qualified.Right : syntax;
        return method.ReturnType.IsTaskLike() && name is GenericNameSyntax { TypeArgumentList.Arguments: { Count: 1 } arguments }
            ? arguments[0].GetLocation()
            : syntax?.GetLocation() ?? method.Locations.FirstOrDefault();
    }

    private static bool IsLive(ITypeSymbol type)
    {
        if (type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr)
        {
            return true;
        }

        // A JSON document is disposable and yet nothing but data.
        if (ResultGraph.HasConverter(type) || (type.Name == "JsonDocument" && type.IsIn("System.Text.Json")))
        {
            return false;
        }

        if (type.AllInterfaces.Any(Names) || Names(type))
        {
            return true;
        }

        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (Names(current))
            {
                return true;
            }
        }

        return false;

        static bool Names(ITypeSymbol type) => s_live.Any(live => live.Name == type.Name && type.IsIn(live.Space));
    }

    // Something else is behind it, and the stored text would not say what.
    private static bool IsOpen(ITypeSymbol type) => type switch
    {
        { SpecialType: SpecialType.System_Object } => true,
        _ when ResultGraph.Has(type, "JsonConverterAttribute", "JsonPolymorphicAttribute", "JsonDerivedTypeAttribute") => false,
        { TypeKind: TypeKind.Interface } => !IsCollection(type),
        { TypeKind: TypeKind.Class, IsAbstract: true } => type.DeclaringSyntaxReferences.Length > 0 && !IsCollection(type),
        _ => false,
    };

    private static bool IsCollection(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_Collections_IEnumerable ||
        type.AllInterfaces.Any(static inherited => inherited.SpecialType == SpecialType.System_Collections_IEnumerable);
}
