using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Idempotency.Generator.Benchmarks;

/// <summary>What the generator takes, by the compiler driver's own clock.</summary>
internal sealed class Generation(Shop shop, int times)
{
    /// <summary>With nothing known of the project, not even its symbols.</summary>
    public TimeSpan Cold() => Measure.Median(times, () => Elapsed(Driver(shop).RunGenerators(shop.Compilation())));

    /// <summary>The same where the compiler has bound the symbols already, so that what is left is ours.</summary>
    public TimeSpan Bound() => Measure.Median(times, () =>
    {
        var compilation = shop.Compilation();
        compilation.GetDiagnostics();
        return Elapsed(Driver(shop).RunGenerators(compilation));
    });

    public TimeSpan AfterUnrelatedEdit() => AfterEdit("Unrelated.cs", static text => text.Replace("=> 0", "=> 1", StringComparison.Ordinal));

    public TimeSpan AfterBodyEdit() => AfterEdit("Invoices0.cs", static text => text.Replace("Delay(1,", "Delay(2,", StringComparison.Ordinal));

    public TimeSpan AfterSignatureEdit() => AfterEdit("Invoices0.cs", static text => text.Replace("int userId", "long userId", StringComparison.Ordinal));

    public static GeneratorDriver Driver(Shop shop) => CSharpGeneratorDriver.Create([new IdempotentGenerator().AsSourceGenerator()], parseOptions: Shop.ParseOptions);

    private TimeSpan AfterEdit(string path, Func<string, string> edit) => Measure.Median(times, () =>
    {
        var compilation = shop.Compilation();
        var driver = Driver(shop).RunGenerators(compilation);
        var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == path);
        var changed = tree.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From(edit(tree.ToString()), System.Text.Encoding.UTF8));
        return Elapsed(driver.RunGenerators(compilation.ReplaceSyntaxTree(tree, changed)));
    });

    private static TimeSpan Elapsed(GeneratorDriver driver) => driver.GetTimingInfo().ElapsedTime;
}
