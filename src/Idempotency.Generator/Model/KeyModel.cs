namespace Idempotency.Generator.Model;

/// <summary>What identifies a call, in the order it is written.</summary>
/// <param name="IsChosen">Whether the user said which arguments are the key: it is an error to call without one then.</param>
/// <param name="Writers">The methods that write composite values, each named by the shapes that use it.</param>
internal sealed record KeyModel(
    EquatableArray<string> TypeArguments,
    EquatableArray<KeyPart> Parts,
    bool IsChosen,
    EquatableArray<KeyPart> Fingerprint,
    EquatableArray<WriterModel> Writers);

/// <summary>A parameter, or something reached from it.</summary>
internal sealed record KeyPart(string Parameter, EquatableArray<Hop> Path, KeyShape Shape);

/// <summary>One step of a path. A conditional one starts from something that may be null.</summary>
internal readonly record struct Hop(string Member, bool IsConditional);

/// <summary>Writes a composite value, member by member.</summary>
/// <param name="Id">What a <see cref="KeyShape.Composite"/> refers to: two writers with one id are the same.</param>
/// <param name="Name">The name it would like to have.</param>
/// <param name="IsReference">Whether the value may be null.</param>
/// <param name="IsOpen">Whether a derived type could stand in, whose own members nobody would write.</param>
/// <param name="IsRecursive">Whether it can come to itself again, so that an argument can be endless.</param>
internal sealed record WriterModel(
    string Id, string Name, string Type, bool IsReference, bool IsOpen, bool IsRecursive, EquatableArray<WriterMember> Members);

internal sealed record WriterMember(string Name, KeyShape Shape);
