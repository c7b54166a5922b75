using System.Text.RegularExpressions;

namespace Idempotency.Docs.Tests;

/// <summary>A path that exists on one machine only tells readers nothing, and tells strangers about that machine.</summary>
public partial class MachinePathTests
{
    [Fact]
    public void No_file_mentions_a_path_of_one_machine()
    {
        var mentions =
            from file in Repository.Files
            let text = Repository.Read(file)
            where !text.Contains('\0', StringComparison.Ordinal)
            from mention in MachinePath().Matches(text)
            select $"{file}: {mention.Value}";

        Assert.Empty(mentions);
    }

    [Theory]
    [InlineData("see ~work~shared~PAGE.md", true)]
    [InlineData("in ~home~ada~repo", true)]
    [InlineData("\"~root~.nuget\"", true)]
    [InlineData("C:!Users!ada", true)]
    [InlineData("https://example.org~home~page", false)]
    [InlineData("docs~work~item.md", false)]
    [InlineData("~ or ~homework~", false)]
    public void A_mention_is_judged(string text, bool isMachinePath) =>
        Assert.Equal(isMachinePath, MachinePath().IsMatch(text.Replace('~', '/').Replace('!', '\\'))); // written so that this file has none

    [GeneratedRegex(@"(?<![\w.])/(work|home|root|Users)/[\w.]|\b[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();
}
