using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Idempotency.CodeFixes;

/// <summary>A type whose annotated methods find no guard, and the constructors that could be given one.</summary>
internal sealed class GuardlessType
{
    public const string GuardType = $"global::{KnownTypes.Runtime}.IdempotencyGuard";

    private readonly IMethodSymbol[] _constructors;

    private GuardlessType(INamedTypeSymbol type, TypeDeclarationSyntax declaration)
    {
        Symbol = type;
        Declaration = declaration;
        _constructors = [.. type.InstanceConstructors.Where(static constructor => !constructor.IsImplicitlyDeclared && constructor.DeclaringSyntaxReferences.Length > 0)];
    }

    public INamedTypeSymbol Symbol { get; }

    /// <summary>The part of it in which the method stands.</summary>
    public TypeDeclarationSyntax Declaration { get; }

    public bool HasConstructors => _constructors.Length > 0;

    public bool HasPrimaryConstructor =>
        _constructors.Any(static constructor => constructor.DeclaringSyntaxReferences[0].GetSyntax() is TypeDeclarationSyntax);

    /// <summary>Null where something else is wrong: a guard that is named but not there, or is hidden, or a method that is static.</summary>
    public static GuardlessType? Around(Place place) =>
        place is { Node: MethodDeclarationSyntax { Parent: TypeDeclarationSyntax declaration }, Method: { Method.IsStatic: false } method }
        && method.Type.TypeKind is TypeKind.Class or TypeKind.Struct
            ? new GuardlessType(method.Type, declaration)
            : null;

    /// <summary>A name for the parameter that hides nothing and is hidden by nothing.</summary>
    public string ParameterName()
    {
        var taken = Symbol.MemberNames
            .Concat(_constructors.SelectMany(static constructor => constructor.Parameters).Select(static parameter => parameter.Name))
            .Concat(Symbol.GetMembers().OfType<IMethodSymbol>().SelectMany(static method => method.Parameters).Select(static parameter => parameter.Name));
        return Free(Symbol.IsRecord && HasPrimaryConstructor ? ["Guard", "IdempotencyGuard"] : ["guard", "idempotencyGuard"], taken);
    }

    public string FieldName() => Free(["_guard", "_idempotencyGuard"], Symbol.MemberNames);

    /// <summary>Adds the parameter to every constructor there is, and hands it on from one to the other.</summary>
    public async Task AddParameterAsync(string name, SolutionEditor solution, CancellationToken cancellation)
    {
        foreach (var constructor in _constructors)
        {
            var node = await constructor.DeclaringSyntaxReferences[0].GetSyntaxAsync(cancellation).ConfigureAwait(false);
            var editor = await solution.GetDocumentEditorAsync(solution.OriginalSolution.GetDocumentId(node.SyntaxTree), cancellation).ConfigureAwait(false);
            editor.ReplaceNode(node, (current, _) => current switch
            {
                ConstructorDeclarationSyntax declared => HandOn(
                    declared.WithParameterList(ParameterInsertion.BeforeOptional(declared.ParameterList, Parameter(name))), name),
                TypeDeclarationSyntax { ParameterList: { } list } type => type.WithParameterList(ParameterInsertion.BeforeOptional(list, Parameter(name))),
                _ => current,
            });
        }
    }

    /// <summary>The bodies of the constructors that no other constructor runs for.</summary>
    public IEnumerable<SyntaxNode> Bodies() => _constructors
        .Select(static constructor => constructor.DeclaringSyntaxReferences[0].GetSyntax())
        .Where(static node => node is ConstructorDeclarationSyntax constructor && !IsChained(constructor));

    public static ParameterSyntax Parameter(string name) => ParameterInsertion.Parameter(GuardType, name);

    private static ConstructorDeclarationSyntax HandOn(ConstructorDeclarationSyntax constructor, string name)
    {
        if (!IsChained(constructor))
        {
            return constructor;
        }

        // By name, because the parameters before it may have been left out.
        var arguments = constructor.Initializer!.ArgumentList;
        var argument = SyntaxFactory.ParseArgumentList($"({name}: {name})").Arguments[0];
        var parts = arguments.Arguments.GetWithSeparators().ToList();
        if (parts.Count > 0)
        {
            parts.Add(SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]));
        }

        parts.Add(argument);
        return constructor.WithInitializer(constructor.Initializer.WithArgumentList(
            arguments.WithArguments(SyntaxFactory.SeparatedList<ArgumentSyntax>(parts))));
    }

    private static bool IsChained(ConstructorDeclarationSyntax constructor) =>
        constructor.Initializer?.ThisOrBaseKeyword.IsKind(SyntaxKind.ThisKeyword) == true;

    private static string Free(string[] names, IEnumerable<string> taken) => names.FirstOrDefault(name => !taken.Contains(name)) ?? names[0] + "2";
}
