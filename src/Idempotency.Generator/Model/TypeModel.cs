namespace Idempotency.Generator.Model;

/// <summary>A type that contains annotated methods.</summary>
/// <param name="Name">Its full name with arity, such as <c>Shop.Outer.Box`1</c>: unique in a compilation, and the file's name.</param>
/// <param name="Namespace">Ready to be written; empty for the global one.</param>
/// <param name="Declarations">What to open to get into the type, outermost first: <c>partial class Box&lt;T&gt;</c>.</param>
/// <param name="TypeArguments">The type parameters in scope, outermost first: part of every key.</param>
/// <param name="TakenNames">The names already used in the type among those that a generated member could want.</param>
internal sealed record TypeModel(
    string Name,
    string Namespace,
    EquatableArray<string> Declarations,
    EquatableArray<string> TypeArguments,
    EquatableArray<string> TakenNames);
