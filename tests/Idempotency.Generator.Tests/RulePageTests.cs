using System.Text.RegularExpressions;
using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests;

/// <summary>A rule is complete or it does not exist: a page with examples that hold, a link to it, and a release entry.</summary>
public sealed partial class RulePageTests
{
    public static TheoryData<string> Ids => [.. Analyzers.Rules.Select(static rule => rule.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void A_rule_has_a_page_a_link_and_a_release(string id)
    {
        var rule = Analyzers.Rules.Single(rule => rule.Id == id);

        Assert.EndsWith($"/docs/rules/{id}.md", rule.HelpLinkUri, StringComparison.Ordinal);
        Assert.StartsWith($"# {id} ", Page(id), StringComparison.Ordinal);
        Assert.Contains($"\n{id} | {rule.Category} | {rule.DefaultSeverity} |", Releases(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_page_belongs_to_a_rule() => Assert.Equal(
        Analyzers.Rules.Select(static rule => rule.Id + ".md").Order(),
        Directory.EnumerateFiles(Repo.PathOf("docs", "rules"), "IDEM*.md").Select(Path.GetFileName).Order());

    [Theory, MemberData(nameof(Ids))]
    public async Task The_bad_example_is_reported(string id)
    {
        var run = GeneratorRun.On(Example(id, "Bad"));

        Assert.Equal(Analyzers.LeavesTheGuard(id), run.HasGuards);
        Assert.Equal(run.HasGuards, run.Complaints.Count == 0);
        Assert.Equal([id], (await run.AnalyzeAsync()).Select(static found => found.Id).Distinct());
    }

    [Theory, MemberData(nameof(Ids))]
    public async Task The_good_example_compiles_and_is_not(string id)
    {
        var run = GeneratorRun.On(Example(id, "Good"));

        Assert.True(run.HasGuards);
        Assert.Empty(run.Complaints);
        Assert.Empty(await run.AnalyzeAsync());
    }

    private static string Example(string id, string heading) => CodeBlock().Matches(Page(id)).Single(match => match.Groups[1].Value == heading).Groups[2].Value;

    private static string Page(string id) => Repo.Read("docs", "rules", id + ".md");

    private static string Releases() =>
        Repo.Read("src", "Idempotency.Generator", "AnalyzerReleases.Shipped.md") + Repo.Read("src", "Idempotency.Generator", "AnalyzerReleases.Unshipped.md");

    [GeneratedRegex(@"^## (\w+)\n+```csharp\n(.*?)```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
