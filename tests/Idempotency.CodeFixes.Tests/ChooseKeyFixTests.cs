using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class ChooseKeyFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new ChooseKeyFix();

    [Fact]
    public async Task Each_parameter_that_can_be_the_key_is_offered() => Assert.Equal(
        ["Use 'a' as the key and ignore 'b', 'd'", "Use 'c' as the key and ignore 'b', 'd'"],
        (await Editor.Open(Source("int a, object b, string c, Action d, [IdempotencyIgnore] int e, CancellationToken f")).OfferedAsync(Fix, "IDEM008")).Distinct());

    [Theory]
    [InlineData("Use 'a' as the key and ignore 'b', 'd'", "[IdempotencyKey] int a, [IdempotencyIgnore] object b,\n        string c, [IdempotencyIgnore] Action d")]
    [InlineData("Use 'c' as the key and ignore 'b', 'd'", "int a, [IdempotencyIgnore] object b,\n        [IdempotencyKey] string c, [IdempotencyIgnore] Action d")]
    public async Task A_parameter_becomes_the_key(string title, string after)
    {
        var editor = Editor.Open(Source("int a, object b,\n        string c, Action d"));
        var first = (await editor.AnalyzeAsync()).OrderBy(static found => found.Location.SourceSpan.Start).First();

        var mended = await editor.FixAsync(Fix, first, title);

        Assert.Equal(Source(after), await mended.TextAsync());
        Assert.Empty(await mended.ComplaintsAsync());
    }

    [Theory]
    [InlineData("Use 'a' as the key", "[IdempotencyKey] int a, [IdempotencyIgnore, System.ComponentModel.Description(\"x\")] string b, [IdempotencyIgnore] object c")]
    [InlineData("Use 'b' as the key", "[IdempotencyIgnore] int a, [IdempotencyKey, System.ComponentModel.Description(\"x\")] string b, [IdempotencyIgnore] object c")]
    public Task One_of_the_ignored_becomes_the_key(string title, string after) => BecomesAsync(
        "IDEM013",
        Source("[IdempotencyIgnore] int a, [IdempotencyIgnore, System.ComponentModel.Description(\"x\")] string b, [IdempotencyIgnore] object c"),
        Source(after),
        title);

    [Theory]
    [InlineData("IDEM008", "object a, [IdempotencyKey] int b")]
    [InlineData("IDEM008", "object a, Action b")]
    [InlineData("IDEM008", "object a, int b", "(Key = \"{b}\")")]
    [InlineData("IDEM013", "[IdempotencyIgnore] object a")]
    public Task What_is_chosen_already_or_cannot_be_is_not_offered(string rule, string parameters, string arguments = "") =>
        IsNotOfferedAsync(rule, Source(parameters, arguments));

    private static string Source(string parameters, string arguments = "") =>
        $"partial class C(IdempotencyGuard guard)\n{{\n    [Idempotent{arguments}]\n    public partial void X({parameters});\n\n    private void XCore({Plain(parameters)}) {{ }}\n}}\n";

    private static string Plain(string parameters) => System.Text.RegularExpressions.Regex.Replace(parameters, @"\[.*?\] ?", "");
}
