namespace Idempotency.Generator.Model;

/// <summary>How the implementing part has to be declared. All text is ready to be written: qualified and escaped.</summary>
/// <param name="Modifiers">As on the declaring part, with <c>partial</c> last.</param>
/// <param name="ResultType">What the operation's result is; <c>NoResult</c> is not written here but follows from the kind.</param>
/// <param name="Constraints">Of the type parameters, as an implementing part repeats them: an override inherits most.</param>
/// <param name="FullConstraints">Of the type parameters, all of them, as another generic type has to state them.</param>
/// <param name="Token">The caller's token, where the method takes one.</param>
/// <param name="Attributes">Those that the user has not put on the declaring part.</param>
internal sealed record SignatureModel(
    string Name,
    string EscapedName,
    string Modifiers,
    string ReturnType,
    ResultKind Result,
    string ResultType,
    EquatableArray<string> TypeParameters,
    EquatableArray<string> Constraints,
    EquatableArray<string> FullConstraints,
    EquatableArray<ParameterModel> Parameters,
    string? Token,
    EquatableArray<string> Attributes);

/// <summary>A parameter: its name and its whole declaration, <c>in global::Shop.Order order</c>.</summary>
internal readonly record struct ParameterModel(string Name, string Declaration);

internal enum ResultKind
{
    Void,
    Value,
    Task,
    TaskOfValue,
    ValueTask,
    ValueTaskOfValue,
}
