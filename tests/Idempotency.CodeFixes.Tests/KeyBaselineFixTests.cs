using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

/// <summary>What can be done about a baseline that does not agree with the code. Every fix leaves the two in agreement.</summary>
public sealed class KeyBaselineFixTests
{
    private const string Property = "// <IdempotencyKeyBaseline>keys.txt</IdempotencyKeyBaseline>\n";

    [Fact]
    public async Task A_changed_schema_replaces_its_line()
    {
        var mended = await MendAsync(
            new RecordKeysFix(), "IDEM038", "Replace the key schema in 'keys.txt'", Code("[Idempotent]", "int user"),
            "# Kept", "", "A.X v1: a:str", "Billing.ChargeAsync(int) v1: userId:i32", "Z.X v1: a:str # no comment");

        Assert.Equal(
            "# Kept\n\nA.X v1: a:str\nBilling.ChargeAsync(int) v1: user:i32\nZ.X v1: a:str # no comment\n", await mended.FileAsync("keys.txt"));
    }

    [Theory]
    [InlineData("[Idempotent]", "[Idempotent(Version = 2)]")]
    [InlineData("[Idempotent()]", "[Idempotent(Version = 2)]")]
    [InlineData("[Idempotent /* once */ ]", "[Idempotent(Version = 2) /* once */ ]")]
    [InlineData("[Idempotent(Ttl = \"24h\")]", "[Idempotent(Ttl = \"24h\", Version = 2)]")]
    [InlineData("[Idempotent(Version = /* first */ 1, Ttl = \"24h\")]", "[Idempotent(Version = /* first */ 2, Ttl = \"24h\")]")]
    public async Task A_new_version_is_written_in_both_places(string attribute, string raised)
    {
        var mended = await MendAsync(
            new RaiseVersionFix(), "IDEM038", "Start anew with Version = 2", Code(attribute, "int user"), "Billing.ChargeAsync(int) v1: userId:i32");

        Assert.Equal("Billing.ChargeAsync(int) v2: user:i32\n", await mended.FileAsync("keys.txt"));
        Assert.EndsWith(Code(raised, "int user"), await mended.TextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "\nBilling.ChargeAsync(int) v1: userId:i32\n")]
    [InlineData("Aa v1:", "Aa v1:\nBilling.ChargeAsync(int) v1: userId:i32\n")]
    [InlineData("# Z", "# Z\nBilling.ChargeAsync(int) v1: userId:i32\n")]
    [InlineData("Zz v1:", "Billing.ChargeAsync(int) v1: userId:i32\nZz v1:\n")]
    public async Task A_new_operation_is_sorted_in(string line, string expected) => Assert.Equal(
        expected,
        await (await FixAsync(new RecordKeysFix(), "IDEM040", "Add the key schema to 'keys.txt'", Code("[Idempotent]", "int userId"), line)).FileAsync("keys.txt"));

    [Fact]
    public async Task A_new_version_replaces_the_line_of_the_old() => Assert.Equal(
        "Billing.ChargeAsync(int) v2: userId:i32\n",
        await (await MendAsync(
            new RecordKeysFix(), "IDEM040", "Replace the key schema in 'keys.txt'", Code("[Idempotent(Version = 2)]", "int userId"),
            "Billing.ChargeAsync(int) v1: userId:i32")).FileAsync("keys.txt"));

    [Fact]
    public async Task An_operation_that_is_gone_loses_its_line() => Assert.Equal(
        "Billing.ChargeAsync(int) v1: userId:i32\n",
        await (await MendAsync(
            new RecordKeysFix(), "IDEM039", "Remove the key schema from 'keys.txt'", Code("[Idempotent]", "int userId"),
            "Billing.ChargeAsync(int) v1: userId:i32", "Billing.RefundAsync(int) v1: a:str")).FileAsync("keys.txt"));

    [Fact]
    public async Task A_method_that_moved_keeps_its_keys()
    {
        var mended = await MendAsync(
            new KeepKeysFix(), "IDEM039", "Keep the keys: Name = \"Shop.Billing.ChargeAsync(int)\" on 'ChargeAsync'", Code("[Idempotent]", "int userId"),
            "Shop.Billing.ChargeAsync(int) v1: userId:i32");

        Assert.EndsWith(Code("[Idempotent(Name = \"Shop.Billing.ChargeAsync(int)\")]", "int userId"), await mended.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_with_other_keys_is_not_taken_for_the_one_that_moved() => Assert.Empty(await Editor
        .Open(Source(Code("[Idempotent]", "int userId"), ["Shop.Billing.ChargeAsync(int) v1: user:i32"])).OfferedAsync(new KeepKeysFix(), "IDEM039"));

    [Fact]
    public async Task All_new_operations_are_added_at_once()
    {
        var more = Code("[Idempotent]", "int a").Replace("Billing", "Aa", StringComparison.Ordinal) + Code("[Idempotent]", "int a").Replace("Billing", "Zz", StringComparison.Ordinal);
        var mended = await Editor.Open(Source(Code("[Idempotent]", "int userId") + more, ["# keys", "Mm v1:"])).FixAllAsync(new RecordKeysFix(), "IDEM040");

        Assert.Equal(
            "# keys\nAa.ChargeAsync(int) v1: a:i32\nBilling.ChargeAsync(int) v1: userId:i32\nMm v1:\nZz.ChargeAsync(int) v1: a:i32\n",
            await mended.FileAsync("keys.txt"));
    }

    [Fact]
    public void Only_new_operations_are_added_at_once() => Assert.Equal(
        ["IDEM040"], new RecordKeysFix().GetFixAllProvider().GetSupportedFixAllDiagnosticIds(new RecordKeysFix()));

    private static async Task<Editor> MendAsync(CodeFixProvider fix, string rule, string title, string code, params string[] baseline)
    {
        var mended = await FixAsync(fix, rule, title, code, baseline);
        Assert.DoesNotContain(await mended.ComplaintsAsync(), static complaint => complaint.Location.IsInSource);
        return mended;
    }

    private static Task<Editor> FixAsync(CodeFixProvider fix, string rule, string title, string code, params string[] baseline) =>
        Editor.Open(Source(code, baseline)).FixAsync(fix, rule, title);

    private static string Source(string code, string[] baseline) => Property + string.Concat(baseline.Select(static line => $"// keys.txt: {line}\n")) + code;

    private static string Code(string attribute, string parameter) => $$"""
        public partial class Billing(IdempotencyGuard guard)
        {
            {{attribute}}
            public partial Task<int> ChargeAsync({{parameter}});

            private Task<int> ChargeCoreAsync({{parameter}}) => Task.FromResult(1);
        }

        """;
}
