using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

public sealed class QualifyNameFixTests : FixTest
{
    private protected override CodeFixProvider Fix => new QualifyNameFix();

    [Theory]
    [InlineData("\"billing.charge\"", "RefundAsync", "billing.refund", "payments.billing.charge")]
    [InlineData("\"Charge\"", "RefundAsync", "Refund", "Payments.Charge")]
    [InlineData("\"charge\"", "ChargeAsync", "payments.charge", "Shop.Payments.charge")]
    [InlineData("\"taken.charge\"", "RefundAsync", "payments.taken.charge", "Shop.Payments.taken.charge")]
    public async Task A_name_of_its_own_is_offered(string name, string method, params string[] offered)
    {
        var editor = Editor.Open(Source(name, name, method));

        Assert.Equal(offered.Select(static candidate => $"Name it \"{candidate}\""), await editor.OfferedAsync(Fix, "IDEM020"));
        foreach (var candidate in offered)
        {
            var mended = await editor.FixAsync(Fix, "IDEM020", $"Name it \"{candidate}\"");

            Assert.Equal(Source(name, $"\"{candidate}\"", method), await mended.TextAsync());
            Assert.Empty(await mended.ComplaintsAsync());
        }
    }

    [Fact]
    public Task A_constant_is_left_alone() => IsNotOfferedAsync("IDEM020", Source("\"charge\"", "Names.Charge", "RefundAsync"));

    private static string Source(string first, string second, string method) => $$"""
        namespace Shop;

        public static class Names { public const string Charge = "charge"; }

        public partial class Billing(IdempotencyGuard guard)
        {
            [Idempotent(Name = {{first}})] public partial Task<int> ChargeAsync(int a);
            Task<int> ChargeCoreAsync(int a) => Task.FromResult(a);
            [Idempotent(Name = "taken.refund")] public partial Task<int> TakenAsync(int a);
            Task<int> TakenCoreAsync(int a) => Task.FromResult(a);
        }

        public partial class Payments(IdempotencyGuard guard)
        {
            [Idempotent(Ttl = "24h", Name = {{second}})]
            public partial Task<int> {{method}}(int a);
            Task<int> {{method.Replace("Async", "CoreAsync", StringComparison.Ordinal)}}(int a) => Task.FromResult(a);
        }
        """;
}
