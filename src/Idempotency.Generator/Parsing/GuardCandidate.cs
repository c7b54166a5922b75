using Idempotency.Generator.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>A field or property that holds a guard.</summary>
internal sealed record GuardCandidate(string Name, string Expression, bool IsStatic)
{
    public static bool IsGuard(ISymbol member) => member switch
    {
        // The field in which the compiler keeps a primary constructor's parameter has a name that nobody can write.
        IFieldSymbol { AssociatedSymbol: null, CanBeReferencedByName: true } field => field.Type.IsGuard(),
        IPropertySymbol { IsIndexer: false, GetMethod: not null } property =>
            property.Type.IsGuard() && property.ExplicitInterfaceImplementations.IsEmpty,
        _ => false,
    };

    public static GuardCandidate From(ISymbol member)
    {
        var owner = member.IsStatic ? member.ContainingType.InCodePlain() : "this";
        return new GuardCandidate(member.Name, $"{owner}.{Names.Escape(member.Name)}", member.IsStatic);
    }
}
