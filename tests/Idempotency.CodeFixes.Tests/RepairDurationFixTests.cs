using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class RepairDurationFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new RepairDurationFix();

    [Fact]
    public Task A_duration_is_replaced_and_all_around_it_stays() => BecomesAsync(
        "IDEM009",
        "partial class C(IdempotencyGuard guard)\n{\n    [Idempotent(Name = \"x\", Ttl = /* long */ \"24 hours\" /* enough */, Version = 2)]\n    public partial void X(int a);\n\n    private void XCore(int a) { }\n}\n",
        "partial class C(IdempotencyGuard guard)\n{\n    [Idempotent(Name = \"x\", Ttl = /* long */ \"24h\" /* enough */, Version = 2)]\n    public partial void X(int a);\n\n    private void XCore(int a) { }\n}\n",
        "Write \"24h\"");

    [Theory]
    [InlineData("24 hours", "24h")]
    [InlineData("24H", "24h")]
    [InlineData(" 30s ", "30s")]
    [InlineData("-5m", "5m")]
    [InlineData("5 Min.", "5m")]
    [InlineData("1 day", "1d", "24h")]
    [InlineData("2 weeks", "14d", "336h")]
    [InlineData("90", "90s", "90m", "90h", "90d", "90ms")]
    [InlineData("1.5h", "90m")]
    [InlineData("0,5 s", "500ms")]
    [InlineData("1h30m", "90m")]
    [InlineData("1 day, 12 hours and 30 minutes", "2190m")]
    [InlineData("100 milliseconds", "100ms")]
    [InlineData("-1:00:00", "1h")]
    [InlineData("-0:00:00.25", "250ms")]
    [InlineData("PT15M", "15m")]
    [InlineData("p1d", "1d", "24h")]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("0s")]
    [InlineData("0")]
    [InlineData("-")]
    [InlineData("P")]
    [InlineData("3 moons")]
    [InlineData("1.2.3h")]
    [InlineData("99999999999999999999999d")]
    [InlineData("999999999999999999999999999999999999999999 days")]
    [InlineData("P99999999999D")]
    [InlineData("1:2:3:4:5:6")]
    public async Task The_nearest_valid_durations_are_offered(string written, params string[] expected)
    {
        var editor = Editor.Open(Source($"\"{written}\""));

        Assert.Equal(expected.Select(static guess => $"Write \"{guess}\""), await editor.OfferedAsync(Fix, "IDEM009"));
        foreach (var guess in expected)
        {
            Assert.Empty(await (await editor.FixAsync(Fix, "IDEM009", $"Write \"{guess}\"")).ComplaintsAsync());
        }
    }

    [Fact]
    public Task A_constant_is_left_alone() => IsNotOfferedAsync("IDEM009", Source("Times.Day") + "static class Times { public const string Day = \"1 day\"; }");

    private static string Source(string ttl) =>
        $"partial class C(IdempotencyGuard guard) {{ [Idempotent(Ttl = {ttl}, Lease = \"1ms\")] public partial void X(int a); private void XCore(int a) {{ }} }}";
}
