using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>What the SDK has for compilers: the reference assemblies of a framework, and the generators that come with it.</summary>
internal sealed class SharedFramework(string name)
{
    public ImmutableArray<ISourceGenerator> Generators(string file) =>
        new AnalyzerFileReference(Find(file), new Loader()).GetGenerators(LanguageNames.CSharp);

    /// <summary>The reference assemblies of this framework that stand beside one of them.</summary>
    public IEnumerable<MetadataReference> References(string file) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(Find(file))!, "Microsoft.*.dll").Select(static path => MetadataReference.CreateFromFile(path));

    private string Find(string file)
    {
        var runtime = new FileInfo(typeof(object).Assembly.Location).Directory!; // shared/Microsoft.NETCore.App/10.0.x
        var packs = Path.Combine(runtime.Parent!.Parent!.Parent!.FullName, "packs", $"{name}.Ref");
        return Directory.EnumerateFiles(packs, file, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
