using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class IgnoreParameterFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new IgnoreParameterFix();

    [Theory]
    [InlineData("int a, object b", "int a, [IdempotencyIgnore] object b")]
    [InlineData("Action a, int b", "[IdempotencyIgnore] Action a, int b")]
    [InlineData("int a,\n        // where to\n        System.IO.Stream b", "int a,\n        // where to\n        [IdempotencyIgnore] System.IO.Stream b")]
    [InlineData("[System.ComponentModel.Description(\"x\")] object a, int b", "[IdempotencyIgnore] [System.ComponentModel.Description(\"x\")] object a, int b")]
    [InlineData("[IdempotencyKey] int a, object b", "[IdempotencyKey] int a, [IdempotencyIgnore] object b")]
    public Task A_parameter_is_ignored(string before, string after) => BecomesAsync("IDEM008", Source(before), Source(after));

    [Fact]
    public Task A_parameter_beside_a_template_is_ignored() => BecomesAsync(
        "IDEM008",
        Source("int a, object b", "(Key = \"{a}\")"),
        Source("int a, [IdempotencyIgnore] object b", "(Key = \"{a}\")"),
        "Ignore 'b': calls that differ in nothing else are one");

    [Fact]
    public Task The_full_name_is_written_where_the_short_one_means_nothing() => BecomesAsync(
        "IDEM008",
        "namespace N { class Idempotency; partial class C(global::Idempotency.IdempotencyGuard guard) { class IdempotencyIgnore; class IdempotencyIgnoreAttribute; [global::Idempotency.Idempotent] public partial void X(object a, int b); private void XCore(object a, int b) { } } }",
        "namespace N { class Idempotency; partial class C(global::Idempotency.IdempotencyGuard guard) { class IdempotencyIgnore; class IdempotencyIgnoreAttribute; [global::Idempotency.Idempotent] public partial void X([global::Idempotency.IdempotencyIgnore] object a, int b); private void XCore(object a, int b) { } } }");

    [Theory]
    [InlineData("object a")]
    [InlineData("object a, [IdempotencyIgnore] int b, CancellationToken c")]
    [InlineData("[IdempotencyKey] object a, int b")]
    public Task The_last_thing_that_identifies_a_call_is_not_ignored(string parameters) => IsNotOfferedAsync("IDEM008", Source(parameters));

    private static string Source(string parameters, string arguments = "") =>
        $"partial class C(IdempotencyGuard guard)\n{{\n    [Idempotent{arguments}]\n    public partial void X({parameters});\n\n    private void XCore({Plain(parameters)}) {{ }}\n}}\n";

    private static string Plain(string parameters) => System.Text.RegularExpressions.Regex.Replace(parameters, @"\[.*?\] ?", "");
}
