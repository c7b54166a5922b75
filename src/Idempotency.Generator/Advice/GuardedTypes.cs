using System.Collections.Concurrent;
using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Advice;

/// <summary>Which methods of a compilation are guarded and which are the bodies behind them. Every type is looked at once.</summary>
internal sealed class GuardedTypes(Compilation compilation)
{
    private const string Async = "Async";

    private readonly ConcurrentDictionary<INamedTypeSymbol, Dictionary<IMethodSymbol, IMethodSymbol>> _bodies = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<IAssemblySymbol, bool> _knowsRuntime = new(SymbolEqualityComparer.Default);

    /// <summary>The attribute of a guarded method.</summary>
    public AttributeData? AttributeOf(IMethodSymbol method)
    {
        var declaration = Declaration(method);
        if (SymbolEqualityComparer.Default.Equals(declaration.ContainingAssembly, compilation.Assembly))
        {
            return declaration.IsPartialDefinition ? declaration.FindAttribute(KnownTypes.Attribute) : null;
        }

        // Reading the attributes of everything that is called would take long.
        return declaration.ContainingAssembly is { } assembly && _knowsRuntime.GetOrAdd(assembly, static other => KnowsRuntime(other))
            ? declaration.FindAttribute(KnownTypes.Attribute)
            : null;
    }

    /// <summary>The guarded method that this is the body of.</summary>
    public IMethodSymbol? GuardOf(IMethodSymbol body)
    {
        var declaration = Declaration(body);
        return declaration is { MethodKind: MethodKind.Ordinary, ContainingType: { } type }
            && SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly)
            && _bodies.GetOrAdd(type, BodiesOf).TryGetValue(declaration, out var guarded)
            ? guarded
            : null;
    }

    /// <summary>A guarded method of the same type that is called the same, but for its arguments and an <c>Async</c> at the end.</summary>
    public IMethodSymbol? SiblingOf(IMethodSymbol method)
    {
        var declaration = Declaration(method);
        if (declaration is not { MethodKind: MethodKind.Ordinary, ContainingType: { } type })
        {
            return null;
        }

        var stem = Stem(declaration.Name);
        return type.GetMembers(stem).Concat(type.GetMembers(stem + Async)).OfType<IMethodSymbol>().FirstOrDefault(sibling => AttributeOf(sibling) is not null);
    }

    /// <summary>The method as its type declares it: no type arguments, not the implementing part, not as an extension.</summary>
    public static IMethodSymbol Declaration(IMethodSymbol method)
    {
        method = (method.ReducedFrom ?? method).OriginalDefinition;
        return method.PartialDefinitionPart ?? method;
    }

    private Dictionary<IMethodSymbol, IMethodSymbol> BodiesOf(INamedTypeSymbol type)
    {
        var bodies = new Dictionary<IMethodSymbol, IMethodSymbol>(SymbolEqualityComparer.Default);
        foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
        {
            if (method.IsPartialDefinition
                && method.FindAttribute(KnownTypes.Attribute) is { } attribute
                && BodyParser.Find(new MethodContext(method, attribute, compilation, new Faults(), CancellationToken.None)) is { } body)
            {
                bodies[Declaration(body)] = method;
            }
        }

        return bodies;
    }

    private static string Stem(string name) =>
        name.EndsWith(Async, StringComparison.Ordinal) && name.Length > Async.Length ? name.Substring(0, name.Length - Async.Length) : name;

    private static bool KnowsRuntime(IAssemblySymbol assembly) => assembly.Modules.Any(static module =>
        module.ReferencedAssemblies.Any(static reference => reference.Name.StartsWith(KnownTypes.Runtime, StringComparison.Ordinal)));
}
