using System.Text.RegularExpressions;
using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Generator.Tests;

public sealed partial class LayeringTests
{
    [Theory]
    [InlineData("Model")]
    [InlineData("Emit", "Model")]
    [InlineData("Diagnostics")]
    [InlineData("Parsing", "Model", "Diagnostics")]
    [InlineData("Advice", "Parsing", "Model", "Diagnostics")]
    public void A_layer_uses_only_the_layers_below_it(string layer, params string[] allowed) =>
        Assert.Empty(UsingsIn(layer).Where(static name => name.StartsWith("Idempotency.Generator.", StringComparison.Ordinal))
            .Select(static name => name["Idempotency.Generator.".Length..]).Except([.. allowed, layer]));

    [Theory]
    [InlineData("Model")]
    [InlineData("Emit")]
    public void A_layer_of_plain_data_does_not_know_the_compiler(string layer) =>
        Assert.DoesNotContain(FilesIn(layer), static file => File.ReadAllText(file).Contains("Microsoft.CodeAnalysis", StringComparison.Ordinal));

    [Fact]
    public void A_file_stays_small() =>
        Assert.DoesNotContain(FilesIn(""), static file => File.ReadLines(file).Count() > 250);

    private static IEnumerable<string> UsingsIn(string layer) => FilesIn(layer)
        .SelectMany(static file => Using().Matches(File.ReadAllText(file)).Select(static match => match.Groups[1].Value)).Distinct();

    private static IEnumerable<string> FilesIn(string layer) => Directory
        .EnumerateFiles(Repo.PathOf("src", "Idempotency.Generator", layer), "*.cs", SearchOption.AllDirectories)
        .Where(static file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
