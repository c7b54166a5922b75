using System.Runtime.CompilerServices;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Parsing;

/// <summary>
/// What the annotated methods of a type have in common. Found once per type: a scan of all members for each method would make a
/// type with thousands of them quadratic.
/// </summary>
internal sealed record TypeFacts(
    TypeModel Model,
    EquatableArray<GuardCandidate> Guards,
    EquatableArray<GuardCandidate> StaticGuards,
    EquatableArray<string> PrimaryGuards)
{
    // Weak keys, and only text in the values, so that nothing here keeps a compilation alive.
    private static readonly ConditionalWeakTable<INamedTypeSymbol, TypeFacts> s_known = new();

    public static TypeFacts Of(MethodContext context)
    {
        if (!s_known.TryGetValue(context.Type, out var facts))
        {
            facts = Read(context);
            s_known.GetValue(context.Type, _ => facts);
        }

        return facts;
    }

    private static TypeFacts Read(MethodContext context)
    {
        var type = context.Type;
        return new TypeFacts(
            ModelOf(type),
            NearestGuards(context, static guard => true),
            NearestGuards(context, static guard => guard.IsStatic),
            PrimaryParameters(context));
    }

    private static TypeModel ModelOf(INamedTypeSymbol type)
    {
        var types = new List<INamedTypeSymbol>();
        for (var outer = type; outer is not null; outer = outer.ContainingType)
        {
            types.Insert(0, outer);
        }

        return new TypeModel(
            Names.Metadata(type),
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat
                .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)),
            types.Select(Declaration).ToEquatableArray(),
            types.SelectMany(static outer => outer.TypeParameters).Select(static parameter => parameter.InCodePlain()).ToEquatableArray(),
            types.SelectMany(static outer => outer.TypeParameters).Select(static parameter => parameter.Name)
                .Concat(type.MemberNames.Concat(type.GetTypeMembers().Select(static member => member.Name)))
                .Where(static name => name.StartsWith("__", StringComparison.Ordinal))
                .Distinct().OrderBy(static name => name, StringComparer.Ordinal).ToEquatableArray());
    }

    private static string Declaration(INamedTypeSymbol type)
    {
        var kind = type switch
        {
            { IsRecord: true, IsValueType: true } => "record struct",
            { IsRecord: true } => "record",
            { TypeKind: TypeKind.Struct } => "struct",
            { TypeKind: TypeKind.Interface } => "interface",
            _ => "class",
        };
        var parameters = type.TypeParameters.Select(static parameter => parameter.Variance switch
        {
            VarianceKind.In => $"in {Names.EscapeType(parameter.Name)}",
            VarianceKind.Out => $"out {Names.EscapeType(parameter.Name)}",
            _ => Names.EscapeType(parameter.Name),
        });

        // Pointers in a signature that is refused have to compile, or nobody would hear why.
        var isUnsafe = type.DeclaringSyntaxReferences.Any(static part =>
            part.GetSyntax() is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.UnsafeKeyword));
        return $"{(isUnsafe ? "unsafe " : "")}partial {kind} {Names.EscapeType(type.Name)}{(type.Arity == 0 ? "" : $"<{string.Join(", ", parameters)}>")}";
    }

    private static EquatableArray<GuardCandidate> NearestGuards(MethodContext context, Func<GuardCandidate, bool> wanted)
    {
        for (var type = context.Type; type is not null; type = type.BaseType)
        {
            var own = GuardsIn(type, context).Where(wanted).ToEquatableArray();
            if (own.Count > 0)
            {
                return own;
            }
        }

        return context.Type.TypeKind == TypeKind.Interface
            ? context.Type.AllInterfaces.SelectMany(inherited => GuardsIn(inherited, context)).Where(wanted).ToEquatableArray()
            : default;
    }

    private static IEnumerable<GuardCandidate> GuardsIn(INamedTypeSymbol type, MethodContext context) => type.GetMembers()
        .Where(member => GuardCandidate.IsGuard(member) && context.IsAccessible(member))
        .Select(GuardCandidate.From);

    private static EquatableArray<string> PrimaryParameters(MethodContext context) => context.Type.InstanceConstructors
        .Where(static constructor => constructor.DeclaringSyntaxReferences.Any(static part => part.GetSyntax() is TypeDeclarationSyntax))
        .SelectMany(static constructor => constructor.Parameters)
        .Where(parameter => parameter.Type.IsGuard() && !IsHiddenByMember(context, parameter.Name))
        .Select(static parameter => parameter.Name)
        .ToEquatableArray();

    // A member wins over a primary constructor's parameter wherever both could be meant.
    private static bool IsHiddenByMember(MethodContext context, string name)
    {
        for (var type = context.Type; type is not null; type = type.BaseType)
        {
            if (type.GetMembers(name).Any(context.IsAccessible))
            {
                return true;
            }
        }

        return false;
    }
}
