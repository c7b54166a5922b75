namespace Idempotency.Generator.Model;

/// <summary>Everything the emitter may know about one annotated method. Text and numbers only.</summary>
internal abstract record MethodModel(TypeModel Type);

/// <summary>A method that gets a guard.</summary>
/// <param name="Guard">The expression that reaches the guard.</param>
internal sealed record GuardedMethod(
    TypeModel Type, SignatureModel Signature, OperationModel Operation, string Guard, BodyModel Body, KeyModel Key)
    : MethodModel(Type)
{
    /// <summary>The lines of its documentation comment. Only what is emitted has one.</summary>
    public EquatableArray<string> Documentation { get; init; }
}

/// <summary>A method that gets none, but could be implemented.</summary>
/// <param name="Rule">The rule that says why.</param>
internal sealed record RefusedMethod(TypeModel Type, SignatureModel Signature, string Rule) : MethodModel(Type);

/// <summary>A method that cannot be implemented, because its type cannot be added to.</summary>
/// <param name="Name">The method.</param>
/// <param name="Rule">The rule that says why.</param>
/// <param name="Message">What it says.</param>
internal sealed record BlockedMethod(TypeModel Type, string Name, string Rule, string Message) : MethodModel(Type);
