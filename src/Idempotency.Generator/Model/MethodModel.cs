namespace Idempotency.Generator.Model;

/// <summary>Everything the emitter may know about one annotated method. Text and numbers only.</summary>
/// <param name="Guard">The expression that reaches the guard.</param>
internal sealed record MethodModel(
    TypeModel Type,
    SignatureModel Signature,
    OperationModel Operation,
    string Guard,
    BodyModel Body,
    KeyModel Key);
