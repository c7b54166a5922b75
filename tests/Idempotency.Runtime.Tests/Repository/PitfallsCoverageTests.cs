using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Idempotency.Runtime.Tests.Repository;

/// <summary>Every known way to lose money has a test that fails when this library finds it.</summary>
public sealed partial class PitfallsCoverageTests
{
    private const string Table = "docs/pitfalls.md";
    private const int Lines = 46;

    private static readonly HashSet<string> s_tests = [.. Repo.Sources("tests").Concat(Repo.Sources("src/Idempotency.Testing")).SelectMany(static file => TestsIn(File.ReadAllText(Repo.Path(file))))];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(1, Lines)];

    [Theory, MemberData(nameof(Numbers))]
    public void A_pitfall_names_its_tests_or_why_it_cannot_happen_yet(int number)
    {
        var kept = Rows().Single(row => row.Number == number).KeptAwayBy;
        if (kept.StartsWith("later: ", StringComparison.Ordinal))
        {
            Assert.True(kept.Length > 30, $"Line {number} of {Table} must say why it is for later.");
            return;
        }

        var named = Code().Matches(kept).Select(static match => match.Groups[1].Value).ToList();

        Assert.True(named.Count > 0, $"Line {number} of {Table} names no test.");
        Assert.All(named, name => Assert.True(s_tests.Contains(name), $"Line {number} of {Table}: there is no test {name}."));
    }

    [Fact]
    public void A_test_that_the_page_on_reliability_names_exists()
    {
        var named = Code().Matches(File.ReadAllText(Repo.Path("docs/reliability.md"))).Select(static match => match.Groups[1].Value)
            .Where(static name => name.Contains("Tests.", StringComparison.Ordinal)).ToList();

        Assert.InRange(named.Count, 10, int.MaxValue);
        Assert.All(named, name => Assert.True(s_tests.Contains(name), $"docs/reliability.md: there is no test {name}."));
    }

    [Fact]
    public void The_pitfalls_are_numbered_without_a_gap_and_described() =>
        Assert.Equal(Enumerable.Range(1, Lines), Rows().Where(static row => row.Fault.Length > 20).Select(static row => row.Number));

    [Fact]
    public void A_test_is_found_by_its_class_and_name_only_where_it_is_one()
    {
        const string Source = """
            public sealed class OneTests
            {
                [Fact]
                public void A_fact() { }

                [Theory, MemberData(nameof(Rows))]
                [InlineData(1)]
                internal async Task<int> A_theory(int i) { }

                public void Not_a_test() { }
            }

            public partial class TwoTests
            {
                [Fact]
                public void A_fact() { }
            }
            """;

        Assert.Equal(["OneTests.A_fact", "OneTests.A_theory", "TwoTests.A_fact"], TestsIn(Source).Order(StringComparer.Ordinal));
    }

    private static List<(int Number, string Fault, string KeptAwayBy)> Rows() =>
        [.. File.ReadLines(Repo.Path(Table)).Select(static line => Row().Match(line)).Where(static match => match.Success).Select(static match =>
            (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value, match.Groups[3].Value))];

    private static IEnumerable<string> TestsIn(string source)
    {
        var type = "";
        foreach (Match match in ClassOrTest().Matches(source))
        {
            if (match.Groups["class"] is { Success: true } declared)
            {
                type = declared.Value;
            }
            else
            {
                yield return $"{type}.{match.Groups["test"].Value}";
            }
        }
    }

    [GeneratedRegex(@"^\| (\d+) \| (.+?) \| (.+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z_0-9]+\\.[A-Za-z_0-9]+)`")]
    private static partial Regex Code();

    /// <summary>A class at its declaration, or the method behind a test's attributes.</summary>
    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|sealed|abstract|static|partial) )+class (?<class>\w+)|\[(?:Root)?(?:Fact|Theory)\b[^\n]*\n(?:\s*\[[^\n]*\n)*\s*(?:public|internal) [^\n(]*? (?<test>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex ClassOrTest();
}
