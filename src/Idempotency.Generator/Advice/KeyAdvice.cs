using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Advice;

/// <summary>Keys: values that do not come back the same, or should not be handed around.</summary>
internal static class KeyAdvice
{
    public static void Give(MethodContext context, KeyModel key)
    {
        foreach (var leaf in KeyLeaf.Of(context, key))
        {
            if (ValueTypes.CodeOf(leaf.Type) is "f16" or "f32" or "f64")
            {
                context.Report(AdviceRules.FloatingPointKey, leaf.Location, leaf.Path, leaf.Type.InMessage());
            }

            if (IsText(leaf.Type) && SensitiveNames.Match(leaf.Name) is { } word)
            {
                context.Report(AdviceRules.SensitiveKey, leaf.Location, leaf.Path, word);
            }
        }
    }

    // What secrets are kept in.
    private static bool IsText(ITypeSymbol type) => type is IArrayTypeSymbol || ValueTypes.CodeOf(type) is "str" or "i16" or "i32" or "i64" or "u8";
}
