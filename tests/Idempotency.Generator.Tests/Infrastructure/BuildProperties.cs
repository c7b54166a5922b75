using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>The project's properties as analyzers see them. A source sets one with a comment: <c>// &lt;PublishAot&gt;true&lt;/PublishAot&gt;</c>.</summary>
internal sealed partial class BuildProperties(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptionsProvider
{
    public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(values);

    public static AnalyzerOptions In(Compilation compilation)
    {
        var found = compilation.SyntaxTrees.SelectMany(static tree => Comment().Matches(tree.ToString()));
        return new AnalyzerOptions([], new BuildProperties(found.ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value)));
    }

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

    [GeneratedRegex(@"^// .*<(\w+)>(\w+)</\1>", RegexOptions.Multiline)]
    private static partial Regex Comment();

    private sealed class Values(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) =>
            values.TryGetValue(key.Replace("build_property.", "", StringComparison.Ordinal), out value);
    }
}
