using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>The generator of JSON contracts that comes with the SDK, for sources that need it.</summary>
internal static class JsonGenerator
{
    private static readonly Lazy<ImmutableArray<ISourceGenerator>> s_generators = new(Load);

    public static IEnumerable<ISourceGenerator> For(Compilation compilation) =>
        compilation.SyntaxTrees.Any(static tree => tree.ToString().Contains("JsonSerializerContext", StringComparison.Ordinal)) ? s_generators.Value : [];

    private static ImmutableArray<ISourceGenerator> Load()
    {
        var runtime = new FileInfo(typeof(object).Assembly.Location).Directory!; // shared/Microsoft.NETCore.App/10.0.x
        var packs = Path.Combine(runtime.Parent!.Parent!.Parent!.FullName, "packs", "Microsoft.NETCore.App.Ref");
        var file = Directory.EnumerateFiles(packs, "System.Text.Json.SourceGeneration.dll", SearchOption.AllDirectories).Last();
        return new AnalyzerFileReference(file, new Loader()).GetGenerators(LanguageNames.CSharp);
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
