using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.CodeFixes.Tests;

/// <summary>Editors ask for fixes while somebody types.</summary>
public sealed class HalfTypedCodeTests
{
    private const string Source = """
        class A { A(int a) => _a = a; A() : this(1) { } int _a; [Idempotent] public partial Task XAsync([IdempotencyIgnore] int a, object b); }
        partial record B<T>(int Id) where T : class { [Idempotent(Ttl = "1 day")] public override async Task<T> YAsync<T>(int a, T b = null) { return b; } }
        partial struct C { [Idempotent] public partial void Z(int a); public partial void Z(int a) => a++; [Idempotent] int V([IdempotencyIgnore] Action c); }
        """;

    [Fact]
    public async Task No_missing_token_breaks_a_fix()
    {
        var fixes = RulePageTests.Fixes.Where(static fix => fix is not AddTokenFix).ToArray();
        var applied = 0;
        foreach (var token in CSharpSyntaxTree.ParseText(Source).GetRoot().DescendantTokens().Where(static token => token.Span.Length > 0))
        {
            var editor = Editor.Open(Source.Remove(token.SpanStart, token.Span.Length));
            foreach (var diagnostic in await editor.AnalyzeAsync())
            {
                Assert.NotEqual("AD0001", diagnostic.Id);
                foreach (var fix in fixes.Where(fix => fix.FixableDiagnosticIds.Contains(diagnostic.Id)))
                {
                    applied += await editor.TryAllAsync(fix, diagnostic);
                }
            }
        }

        Assert.True(applied > 100, $"Only {applied} fixes were applied.");
    }
}
