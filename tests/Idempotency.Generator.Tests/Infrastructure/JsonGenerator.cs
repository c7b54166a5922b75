using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>The generator of JSON contracts that comes with the SDK, for sources that need it.</summary>
internal static class JsonGenerator
{
    private static readonly Lazy<ImmutableArray<ISourceGenerator>> s_generators =
        new(static () => new SharedFramework("Microsoft.NETCore.App").Generators("System.Text.Json.SourceGeneration.dll"));

    public static IEnumerable<ISourceGenerator> For(Compilation compilation) =>
        compilation.SyntaxTrees.Any(static tree => tree.ToString().Contains("JsonSerializerContext", StringComparison.Ordinal)) ? s_generators.Value : [];
}
