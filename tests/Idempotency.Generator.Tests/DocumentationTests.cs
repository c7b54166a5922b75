using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.Generator.Tests;

/// <summary>What an editor shows over a guarded method: what its author wrote, and what its key is.</summary>
public sealed class DocumentationTests
{
    private const string Schema = "<c>Shop.Invoices.CreateAsync(int, System.Collections.Generic.List&lt;string&gt;) v1: userId:i32, tags:[str]</c>";

    [Fact]
    public void An_undocumented_method_shows_its_key_schema() =>
        Assert.Contains($"<remarks>Runs once per key of {Schema}</remarks>", Shown(On("")), StringComparison.Ordinal);

    // A reference has to be resolved, which takes another way through the compiler.
    [Theory]
    [InlineData("<see cref=\"Random\"/>", "<see cref=\"T:System.Random\"/>")]
    [InlineData("<c>Random</c>", "<c>Random</c>")]
    public void What_the_author_wrote_stays(string written, string shown)
    {
        var run = On($$"""
            /// <summary>
            /// Creates an invoice for <paramref name="userId"/>, see {{written}} &amp; co.
            /// </summary>
            /// <example>
            /// <code>
            /// if (a &lt; b)
            ///     Create();
            ///
            /// Done();
            /// </code>
            /// </example>
            """);

        Assert.Contains("Creates an invoice for <paramref name=\"userId\"/>, see " + shown + " &amp; co.", Shown(run), StringComparison.Ordinal);
        Assert.Contains("    /// if (a &lt; b)\n    ///     Create();\n    ///\n    /// Done();\n", Generated(run), StringComparison.Ordinal);
        Assert.Contains(Schema, Shown(run), StringComparison.Ordinal);
    }

    [Fact]
    public void A_comment_between_stars_stays_too() =>
        Assert.Contains("Creates an invoice.", Shown(On("/** <summary>\n     * Creates an invoice.\n     * </summary> */")), StringComparison.Ordinal);

    [Fact]
    public void Where_no_documentation_is_read_none_is_written() => Assert.DoesNotContain(
        "///", Generated(GeneratorRun.On(DocumentationMode.None, Source("/// <summary>Creates an invoice.</summary>"))), StringComparison.Ordinal);

    [Fact]
    public void Remarks_of_the_author_come_first() =>
        Assert.Contains($"<remarks>Slow.<para>Runs once per key of {Schema}</para></remarks>", Shown(On("/// <remarks>Slow.</remarks>")), StringComparison.Ordinal);

    [Fact]
    public void A_comment_that_is_not_well_formed_is_left_to_the_compiler()
    {
        var run = On("/// <summary>Creates.");

        Assert.DoesNotContain("///", Generated(run), StringComparison.Ordinal);
        Assert.Equal(["CS1570"], run.Complaints.Select(static complaint => complaint.Id).Distinct());
        Assert.All(run.Complaints, static complaint => Assert.Equal("Source0.cs", complaint.Location.SourceTree!.FilePath));
    }

    [Theory]
    [InlineData("<summary>a&#x85;b</summary>")]
    [InlineData("<summary>a&#x2028;b</summary>")]
    [InlineData("<summary>a&#x2029;b</summary>")]
    [InlineData("<summary title=\"a&#x2028;b\">c</summary>")]
    [InlineData("<summary>a&#x2028;b <see cref=\"Random\"/></summary>")]
    [InlineData("<summary>a\u2028 * b</summary>", "/**", "*/")]
    [InlineData("<summary>a\u0085 * b</summary>", "/**", "*/")]
    public void What_ends_a_line_of_code_ends_one_of_the_comment(string comment, string start = "///", string end = "")
    {
        var run = On($"{start} {comment} {end}");

        Assert.Empty(run.Complaints);
        Assert.Contains("Runs once per key of", Shown(run), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Name = \"a\\ufffe\"", "a\\ufffe v1: ")]
    [InlineData("Name = \"a\\uffff\"", "a\\uffff v1: ")]
    [InlineData("Key = \"\\uffff{userId}\"", "v1: key \"\\uffff{userId:i32}\"")]
    public void A_character_that_no_comment_can_have_is_written_as_its_number(string arguments, string schema) =>
        Assert.Contains(schema, Shown(On("", arguments)), StringComparison.Ordinal);

    [Theory]
    [InlineData("/// <param name=\"user\">Whom to bill.</param>", "CS1572")]
    [InlineData("/// <summary><see cref=\"Nowhere\"/></summary>", "CS1574")]
    public void What_is_wrong_with_a_comment_is_said_once_and_where_it_stands(string comment, string rule)
    {
        var complaints = On(comment).Complaints.Where(complaint => complaint.Id == rule);

        Assert.Equal("Source0.cs", Assert.Single(complaints).Location.SourceTree!.FilePath);
    }

    private static string Generated(GeneratorRun run) => run.Result.GeneratedSources.Single().SourceText.ToString();

    private static string Shown(GeneratorRun run)
    {
        Assert.Empty(run.Complaints);
        return run.Output.GetTypeByMetadataName("Shop.Invoices")!.GetMembers("CreateAsync").Single().GetDocumentationCommentXml()!;
    }

    // Checked as in a project that writes a documentation file.
    private static GeneratorRun On(string comment, string arguments = "") => GeneratorRun.On(DocumentationMode.Diagnose, Source(comment, arguments));

    private static string Source(string comment, string arguments = "") => $$"""
        namespace Shop;

        /// <summary>Invoices.</summary>
        public partial class Invoices(IdempotencyGuard guard)
        {
            {{comment}}
            [Idempotent({{arguments}})]
            public partial Task<int> CreateAsync(int userId, List<string> tags);
            private Task<int> CreateCoreAsync(int userId, List<string> tags) => Task.FromResult(1);
        }
        """;
}
