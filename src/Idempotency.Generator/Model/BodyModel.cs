namespace Idempotency.Generator.Model;

/// <summary>The method that does the work, and what to hand it.</summary>
/// <param name="Owner">The type to call it on, where it is static; an instance method is called on the state's <c>this</c>.</param>
/// <param name="Transaction">The type of transaction it runs in, or of what works in one, where it takes such a thing.</param>
internal sealed record BodyModel(string? Owner, string Name, EquatableArray<BodyArgument> Arguments, string? Transaction);

/// <param name="Parameter">The annotated method's parameter that is passed on, for <see cref="BodyArgumentKind.Parameter"/>.</param>
internal readonly record struct BodyArgument(BodyArgumentKind Kind, string? Parameter = null);

internal enum BodyArgumentKind
{
    Parameter,
    Token,
    Context,
    Transaction,
}
