namespace Idempotency.Docs.Tests;

public class SnippetTests
{
    // What a page shows of tests is itself run as tests.
    private static readonly string[] SnippetFolders = ["samples/Snippets/", "tests/Idempotency.Testing.Tests/Readme/"];

    private static readonly Dictionary<string, string> Snippets = Repository.Files
        .Where(file => SnippetFolders.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)) && file.EndsWith(".cs", StringComparison.Ordinal))
        .SelectMany(file => SnippetRegions.In(Repository.Read(file)))
        .ToDictionary(StringComparer.Ordinal);

    // The pages of the rules show what users must not write: that does not compile.
    private static readonly string[] Documents =
        [.. Repository.MarkdownFiles.Where(file => Path.GetFileName(file) == "README.md"
            || (file.StartsWith("docs/", StringComparison.Ordinal) && !file.StartsWith("docs/rules/", StringComparison.Ordinal)))];

    public static TheoryData<string> Pages => [.. Documents];

    [Theory, MemberData(nameof(Pages))]
    public void CSharp_on_a_page_is_code_that_was_compiled(string page)
    {
        var current = Repository.Read(page);
        var filled = SnippetPage.Fill(current, Snippets);

        if (Environment.GetEnvironmentVariable("SNIPPETS_ACCEPT") == "1")
            File.WriteAllText(Repository.FullPath(page), filled.Text);
        else
            Assert.Equal(filled.Text, current); // to take the code over into the page: SNIPPETS_ACCEPT=1 dotnet test tests/Idempotency.Docs.Tests

        Assert.Empty(filled.Problems);
    }

    [Fact]
    public void Every_snippet_is_shown_on_a_page()
    {
        var used = Documents.SelectMany(page => SnippetPage.Fill(Repository.Read(page), Snippets).Used);

        Assert.Empty(Snippets.Keys.Except(used));
    }

    [Fact]
    public void A_region_loses_the_indentation_its_lines_share()
    {
        const string Source = """
            class C
            {
                #region one
                void M()
                {

                    Call();
                }
                #endregion
            }
            """;

        Assert.Equal([new("one", "void M()\n{\n\n    Call();\n}\n")], SnippetRegions.In(Source));
    }

    [Fact]
    public void A_fence_gets_the_code_of_its_region()
    {
        var page = SnippetPage.Fill("text\n\n<!-- snippet: one -->\n```csharp\nold\n```\nmore\n", new Dictionary<string, string> { ["one"] = "a\nb\n" });

        Assert.Equal("text\n\n<!-- snippet: one -->\n```csharp\na\nb\n```\nmore\n", page.Text);
        Assert.Equal(["one"], page.Used);
        Assert.Empty(page.Problems);
    }

    [Theory]
    [InlineData("```csharp\nx\n```\n", "line 1: no '<!-- snippet: name -->' above the fence")]
    [InlineData("<!-- snippet: one -->\ntext\n```cs\nx\n```", "line 3: no '<!-- snippet: name -->' above the fence")]
    [InlineData("<!-- snippet: other -->\n```csharp\nx\n```\n", "line 2: no region 'other'")]
    [InlineData("<!-- snippet: one -->\n```csharp\nx\n", "line 2: the fence does not end")]
    public void A_fence_without_code_that_was_compiled_is_found(string markdown, string problem) =>
        Assert.Equal([problem], SnippetPage.Fill(markdown, new Dictionary<string, string> { ["one"] = "a\n" }).Problems);

    [Fact]
    public void Other_languages_need_no_snippet()
    {
        const string Markdown = "```text\n<!-- snippet: one -->\n```\n\n```bash\n./test.sh\n```\n";

        var page = SnippetPage.Fill(Markdown, new Dictionary<string, string>());

        Assert.Equal(Markdown, page.Text);
        Assert.Empty(page.Problems);
    }
}
