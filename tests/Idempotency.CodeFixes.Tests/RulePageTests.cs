using System.Text.RegularExpressions;
using Idempotency.CodeFixes.Tests.Infrastructure;
using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

/// <summary>What the pages of the rules say about fixes.</summary>
public sealed partial class RulePageTests
{
    internal static IEnumerable<CodeFixProvider> Fixes { get; } =
    [
        .. typeof(DocumentFix).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(CodeFixProvider)) && !type.IsAbstract)
            .Select(static type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    public static TheoryData<string> Ids => [.. Analyzers.Rules.Select(static rule => rule.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void A_page_speaks_of_a_fix_where_there_is_one(string id) => Assert.Equal(
        Fixes.Any(fix => fix.FixableDiagnosticIds.Contains(id)), Page(id).Contains("Your editor offers", StringComparison.Ordinal));

    [Theory]
    [InlineData("IDEM002", "Make 'ChargeAsync' partial and move its body to 'ChargeCoreAsync'")]
    [InlineData("IDEM003", "Take the guard as primary-constructor parameter 'guard' of 'Payments'")]
    [InlineData("IDEM006", "Make 'Payments' partial")]
    [InlineData("IDEM009", "Write \"24h\"")]
    public async Task The_good_example_is_what_a_fix_makes_of_the_bad_one(string id, string title)
    {
        var editor = Editor.Open(Example(id, "Bad"));
        var mended = new List<string>();
        foreach (var fix in Fixes.Where(fix => fix.FixableDiagnosticIds.Contains(id)))
        {
            if ((await editor.OfferedAsync(fix, id)).Contains(title))
            {
                mended.Add(await (await editor.FixAsync(fix, id, title)).TextAsync());
            }
        }

        Assert.Equal([Example(id, "Good")], mended);
    }

    [Fact]
    public void A_fix_can_be_found_by_editors() => Assert.All(Fixes, static fix =>
        Assert.NotEmpty(fix.GetType().GetCustomAttributes(typeof(ExportCodeFixProviderAttribute), inherit: false)));

    [Fact]
    public void A_file_stays_small() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Repo.PathOf("src", "Idempotency.CodeFixes"), "*.cs"), static file => File.ReadLines(file).Count() > 250);

    private static string Example(string id, string heading) => CodeBlock().Matches(Page(id)).Single(match => match.Groups[1].Value == heading).Groups[2].Value;

    private static string Page(string id) => Repo.Read("docs", "rules", id + ".md");

    [GeneratedRegex(@"^## (\w+)\n+```csharp\n(.*?)```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
