using System.Globalization;
using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests;

/// <summary>Nobody starts a new key space without knowing it, where a project keeps a baseline of its key schemas.</summary>
public sealed class KeyBaselineTests
{
    private const string Committed = "Shop.Billing.ChargeAsync(int, decimal) v1: userId:i32, amount:dec";

    private const string Code = """
        namespace Shop;

        public partial class Billing(IdempotencyGuard guard)
        {
            [Idempotent]
            public partial Task<int> ChargeAsync(int userId, decimal amount);
            Task<int> ChargeCoreAsync(int userId, decimal amount) => Task.FromResult(1);
        }
        """;

    [Fact]
    public async Task An_unchanged_operation_is_in_order() => Assert.Empty(await FindAsync(Code, Committed));

    [Theory]
    [InlineData("rename", "int userId", "int user", "Shop.Billing.ChargeAsync(int, decimal) v1: user:i32, amount:dec")]
    [InlineData("reorder", "int userId, decimal amount", "decimal amount, int userId", "Shop.Billing.ChargeAsync(decimal, int) v1: amount:dec, userId:i32")]
    [InlineData("add", "decimal amount", "decimal amount, string note", "Shop.Billing.ChargeAsync(int, decimal, string) v1: userId:i32, amount:dec, note:str")]
    [InlineData("remove", "int userId, ", "", "Shop.Billing.ChargeAsync(decimal) v1: amount:dec")]
    [InlineData("type change", "int userId", "long userId", "Shop.Billing.ChargeAsync(long, decimal) v1: userId:i64, amount:dec")]
    [InlineData("ignore", "(int userId", "([IdempotencyIgnore] int userId", "Shop.Billing.ChargeAsync(int, decimal) v1: amount:dec")]
    [InlineData("template", "[Idempotent]", "[Idempotent(Key = \"{userId}\")]", "Shop.Billing.ChargeAsync(int, decimal) v1: key \"{userId:i32}\"")]
    public async Task A_changed_key_is_an_error(string change, string from, string to, string now)
    {
        Assert.NotEmpty(change);

        var found = Assert.Single(await FindAsync(Code.Replace(from, to, StringComparison.Ordinal), Committed));

        Assert.Equal(("IDEM038", DiagnosticSeverity.Error), (found.Id, found.Severity));
        Assert.Equal("ChargeAsync", TextAt(found));
        Assert.Equal(
            $"The keys of 'ChargeAsync' were '{Committed}' and are now '{now}', so that a retry from before the change would run it again; " +
            "undo the change, or start anew with Version = 2 and put that into the key baseline",
            MessageOf(found));
    }

    [Theory]
    [InlineData("namespace", "namespace Shop;", "namespace Shop.Invoicing;", "Shop.Invoicing.Billing.ChargeAsync(int, decimal)")]
    [InlineData("type", "class Billing", "class Bills", "Shop.Bills.ChargeAsync(int, decimal)")]
    [InlineData("method", "Task<int> Charge", "Task<int> Bill", "Shop.Billing.BillAsync(int, decimal)")]
    public async Task A_move_is_an_error_that_names_the_way_to_keep_the_keys(string moved, string from, string to, string now)
    {
        Assert.NotEmpty(moved);

        var found = await FindAsync(Code.Replace(from, to, StringComparison.Ordinal), Committed);

        Assert.Equal(["IDEM039", "IDEM040"], found.Select(static diagnostic => diagnostic.Id).Order());
        var lost = found.Single(static diagnostic => diagnostic.Id == "IDEM039");
        Assert.Equal(DiagnosticSeverity.Error, lost.Severity);
        Assert.Equal(("keys.txt", 0), (lost.Location.GetLineSpan().Path, lost.Location.GetLineSpan().StartLinePosition.Line));
        Assert.Contains($"though those of '{now}' look like them", MessageOf(lost), StringComparison.Ordinal);
        Assert.Contains("Name = \"Shop.Billing.ChargeAsync(int, decimal)\"", MessageOf(lost), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_identity_as_a_name_keeps_the_keys_of_what_moved() => Assert.Empty(await FindAsync(
        Code.Replace("namespace Shop;", "namespace Elsewhere;", StringComparison.Ordinal)
            .Replace("[Idempotent]", "[Idempotent(Name = \"Shop.Billing.ChargeAsync(int, decimal)\")]", StringComparison.Ordinal),
        Committed));

    [Fact]
    public async Task A_new_version_has_to_be_written_down_too()
    {
        var found = Assert.Single(await FindAsync(
            Code.Replace("int userId", "int user", StringComparison.Ordinal).Replace("[Idempotent]", "[Idempotent(Version = 2)]", StringComparison.Ordinal),
            Committed));

        Assert.Equal(("IDEM040", DiagnosticSeverity.Warning), (found.Id, found.Severity));
        Assert.Contains("does not know 'ChargeAsync' in version 2,", MessageOf(found), StringComparison.Ordinal);
        Assert.EndsWith("'Shop.Billing.ChargeAsync(int, decimal) v2: user:i32, amount:dec'", MessageOf(found), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_does_not_go_back() => Assert.Equal(
        "IDEM038", Assert.Single(await FindAsync(Code, Committed.Replace(" v1:", " v2:", StringComparison.Ordinal))).Id);

    [Fact]
    public async Task A_former_version_may_stay() => Assert.Empty(await FindAsync(
        Code.Replace("[Idempotent]", "[Idempotent(Version = 2)]", StringComparison.Ordinal), Committed, Committed.Replace(" v1:", " v2:", StringComparison.Ordinal)));

    [Fact]
    public async Task An_overload_is_compared_with_what_it_was()
    {
        var found = Assert.Single(await FindAsync(
            Code.Replace(
                "Task<int> ChargeCoreAsync",
                "[Idempotent] public partial Task<int> ChargeAsync(string card); Task<int> ChargeCoreAsync(string card) => Task.FromResult(1);\n    Task<int> ChargeCoreAsync",
                StringComparison.Ordinal),
            Committed,
            "Shop.Billing.ChargeAsync(string) v1: token:str"));

        Assert.Contains("were 'Shop.Billing.ChargeAsync(string) v1: token:str' and", MessageOf(found), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_operation_is_a_warning_with_the_line_to_add() => Assert.EndsWith(
        $"add the line '{Committed}'", MessageOf(Assert.Single(await FindAsync(Code, "# nothing yet"))), StringComparison.Ordinal);

    [Fact]
    public async Task What_cannot_be_read_yet_is_not_said_to_be_gone() => Assert.Equal(
        ["IDEM003"], (await FindAsync(Code.Replace("(IdempotencyGuard guard)", "", StringComparison.Ordinal), Committed)).Select(static found => found.Id));

    [Theory]
    [InlineData("=======")]
    [InlineData("Shop.Billing.ChargeAsync(int, decimal): userId:i32")]
    [InlineData("a v0: b:i32")]
    [InlineData("a v99999999999: b:i32")]
    public async Task A_line_that_is_no_schema_is_an_error(string line)
    {
        var found = Assert.Single(await FindAsync(Code, Committed, line));

        Assert.Equal(("IDEM041", 1), (found.Id, found.Location.GetLineSpan().StartLinePosition.Line));
        Assert.Contains($"'{line}'", MessageOf(found), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_an_error()
    {
        var found = Assert.Single(await FindAsync(Code));

        Assert.Equal("IDEM041", found.Id);
        Assert.Contains("'keys.txt' does not exist; create it", MessageOf(found), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("first\nsecond", "first\\u000asecond v1: userId:i32, amount:dec")]
    [InlineData("a\\b", "a\\u005cb v1: userId:i32, amount:dec")]
    public async Task A_name_with_a_line_end_is_one_line(string name, string line) => Assert.Empty(await FindAsync(
        Code.Replace("[Idempotent]", $"[Idempotent(Name = {Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(name, quote: true)})]", StringComparison.Ordinal), line));

    [Theory]
    [InlineData("IDEM038", "v1: userId:i64", true)]
    [InlineData("IDEM040", null, true)]
    [InlineData("IDEM038", "v1: userId:i64", false)]
    [InlineData("IDEM040", null, false)]
    public async Task A_rule_about_a_method_can_be_silenced(string id, string? old, bool byPragma)
    {
        var source = Source(byPragma ? $"#pragma warning disable {id}\n{Code}" : Code, [old is null ? "#" : $"Shop.Billing.ChargeAsync(int, decimal) {old}"]);
        var compilation = Compile.From(source);
        var options = compilation.Options.WithSyntaxTreeOptionsProvider(new EditorConfig(id, ReportDiagnostic.Suppress));

        Assert.Empty(await GeneratorRun.On(byPragma ? compilation : compilation.WithOptions(options)).AnalyzeAsync());
    }

    private static Task<IReadOnlyList<Diagnostic>> FindAsync(string code, params string[] baseline) => GeneratorRun.On(Source(code, baseline)).AnalyzeAsync();

    private static string Source(string code, string[] baseline) =>
        "// <IdempotencyKeyBaseline>keys.txt</IdempotencyKeyBaseline>\n" + string.Concat(baseline.Select(static line => $"// keys.txt: {line}\n")) + code;

    private static string MessageOf(Diagnostic diagnostic) => diagnostic.GetMessage(CultureInfo.InvariantCulture);

    private static string TextAt(Diagnostic diagnostic) => diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan);
}
