using System.Text.RegularExpressions;

namespace Idempotency.Docs.Tests;

public partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Repository.MarkdownFiles];

    [Theory, MemberData(nameof(Pages))]
    public void A_relative_link_leads_somewhere(string page)
    {
        var broken = MarkdownLinks.In(Repository.Read(page)).Where(target => !Leads(page, target));

        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("README.md", true)]
    [InlineData("samples/Payments", true)]
    [InlineData("https://example.org/anything", true)]
    [InlineData("mailto:someone@example.org", true)]
    [InlineData("docs/no-such-page.md", false)]
    [InlineData("README.md#no-such-heading", false)]
    [InlineData("#no-such-heading", false)]
    [InlineData("/README.md", false)]
    [InlineData("../elsewhere", false)]
    public void A_link_is_judged(string target, bool leads) => Assert.Equal(leads, Leads("README.md", target));

    [Fact]
    public void Links_are_found_outside_code_only()
    {
        const string Markdown = "[a](one.md) ![b](two.png \"title\") `[c](no.md)`\n[ref]: three.md\n<img src=\"four.svg\">\n```text\n[d](no.md)\n```\n";

        Assert.Equal(["one.md", "two.png", "three.md", "four.svg"], MarkdownLinks.In(Markdown));
    }

    [Fact]
    public void Headings_have_the_anchors_that_GitHub_gives_them() =>
        Assert.Equal(
            ["what-onfailure-does", "faq", "faq-1", "see-a-page-now"],
            MarkdownLinks.AnchorsOf("# What `OnFailure` does\n## FAQ\ntext\n## FAQ\n```bash\n# no heading\n```\n### See [a page](x.md), now\n"));

    private static bool Leads(string page, string target)
    {
        if (HasScheme().IsMatch(target))
            return true;

        var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, null);
        var full = path.Length == 0 ? Repository.FullPath(page) : Path.GetFullPath(Path.Combine(Repository.FullPath(page), "..", path));
        if (path.StartsWith('/') || !full.StartsWith(Repository.Root, StringComparison.Ordinal))
            return false;

        return Directory.Exists(full)
            || (File.Exists(full) && (anchor is null || MarkdownLinks.AnchorsOf(File.ReadAllText(full).ReplaceLineEndings("\n")).Contains(anchor)));
    }

    [GeneratedRegex("^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex HasScheme();
}
