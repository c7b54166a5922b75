using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class AddTokenFixTests
{
    [Theory]
    [InlineData(
        "public partial Task XAsync(int a); private Task XCoreAsync(int a) => Task.Delay(a);",
        "public partial Task XAsync(int a, CancellationToken cancellationToken = default); private Task XCoreAsync(int a, CancellationToken cancellationToken) => Task.Delay(a);",
        "Add 'cancellationToken' to 'XAsync' and 'XCoreAsync'")]
    [InlineData(
        "public partial Task XAsync(); private Task XCoreAsync() => Task.CompletedTask;",
        "public partial Task XAsync(CancellationToken cancellationToken = default); private Task XCoreAsync(CancellationToken cancellationToken) => Task.CompletedTask;",
        "Add 'cancellationToken' to 'XAsync' and 'XCoreAsync'")]
    [InlineData(
        "public partial void X(\n        int a, // one\n        int b = 2); private void XCore(int a, int b) { var cancellationToken = a; Console.WriteLine(cancellationToken); }",
        "public partial void X(\n        int a, // one\n        int b = 2,\n        CancellationToken cancellation = default); private void XCore(int a, int b, CancellationToken cancellation) { var cancellationToken = a; Console.WriteLine(cancellationToken); }",
        "Add 'cancellation' to 'X' and 'XCore'")]
    [InlineData(
        "public partial void X(int a); private void XCore(int a, CancellationToken t) { }",
        "public partial void X(int a, CancellationToken cancellationToken = default); private void XCore(int a, CancellationToken t) { }",
        "Add 'cancellationToken' to 'X'")]
    [InlineData(
        "public partial void X(int a); private void XCore(int a) { } public void Caller() => X(1);",
        "public partial void X(int a, CancellationToken cancellationToken = default); private void XCore(int a, CancellationToken cancellationToken) { } public void Caller() => X(1);",
        "Add 'cancellationToken' to 'X' and 'XCore'")]
    public async Task A_token_is_added_to_declaration_and_body(string before, string after, string title)
    {
        var editor = Editor.Open(Source(before));
        var mended = await editor.FixAsync(new AddTokenFix(), await editor.ReportAsync("IDEM023", "X"), title);

        Assert.Equal(Source(after), await mended.TextAsync());
        Assert.Empty(await mended.ComplaintsAsync());
    }

    [Theory]
    [InlineData("public partial void X(int a, CancellationToken b); private void XCore(int a) { }")]
    [InlineData("public partial void X(params int[] a); private void XCore(int[] a) { }")]
    [InlineData("public override partial bool Equals(object? a); private bool EqualsCore(object? a) => false;")]
    [InlineData("public partial object Clone(); private object CloneCore() => 1;")]
    public async Task A_signature_that_others_rely_on_is_left_alone(string members)
    {
        var editor = Editor.Open(Source(members));
        var name = members[..members.IndexOf('(')].Split(' ')[^1];

        Assert.Empty(await editor.OfferedAsync(new AddTokenFix(), await editor.ReportAsync("IDEM023", name)));
    }

    private static string Source(string members) =>
        $"partial class C(IdempotencyGuard guard) : {(members.Contains("Clone", StringComparison.Ordinal) ? "ICloneable" : "object")}\n{{\n    [Idempotent(OnDuplicate = OnDuplicate.Wait)]\n    {members}\n}}\n";
}
