using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>
/// The project's properties and text files as analyzers see them. A source sets a property with a comment,
/// <c>// &lt;PublishAot&gt;true&lt;/PublishAot&gt;</c>, and writes a line of a file with another: <c>// keys.txt: Shop.X v1:</c>.
/// </summary>
internal sealed partial class BuildProperties(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptionsProvider
{
    public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(values);

    public static AnalyzerOptions In(Compilation compilation)
    {
        var properties = compilation.SyntaxTrees.SelectMany(static tree => Comment().Matches(tree.ToString()));
        var lines = compilation.SyntaxTrees.SelectMany(static tree => FileLine().Matches(tree.ToString()));
        return new AnalyzerOptions(
            [.. lines.GroupBy(static line => line.Groups[1].Value, static line => line.Groups[2].Value).Select(static file => new TextFile(file.Key, file))],
            new BuildProperties(properties.ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value)));
    }

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

    [GeneratedRegex(@"^// .*<(\w+)>([\w.]+)</\1>", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^// (\w+\.txt): ?(.*)$", RegexOptions.Multiline)]
    private static partial Regex FileLine();

    private sealed class TextFile(string path, IEnumerable<string> lines) : AdditionalText
    {
        private readonly SourceText _text = SourceText.From(string.Concat(lines.Select(static line => line + "\n")));

        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => _text;
    }

    private sealed class Values(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) =>
            values.TryGetValue(key[(key.LastIndexOf('.') + 1)..], out value); // what is said of the project is said of its files
    }
}
