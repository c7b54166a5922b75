namespace Idempotency.Generator.Model;

/// <summary>What one generated file is made from.</summary>
internal sealed record TypeFile(string HintName, TypeModel Type, EquatableArray<MethodModel> Methods);
