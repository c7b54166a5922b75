using System.Collections.Concurrent;
using Idempotency.CodeFixes.Tests.Infrastructure;
using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis.CSharp;
using Xunit.Abstractions;

namespace Idempotency.CodeFixes.Tests;

/// <summary>Editors ask for fixes while somebody types.</summary>
public sealed class HalfTypedCodeTests(ITestOutputHelper output)
{
    private const string Source = """
        class A { A(int a) => _a = a; A() : this(1) { } int _a; [Idempotent] public partial Task XAsync([IdempotencyIgnore] int a, object b); }
        partial record B<T>(int Id) where T : class { [Idempotent(Ttl = "1 day")] public override async Task<T> YAsync<T>(int a, T b = null) { return b; } }
        partial struct C { [Idempotent] public partial void Z(int a); public partial void Z(int a) => a++; [Idempotent] int V([IdempotencyIgnore] Action c); }
        """;

    [Fact]
    public async Task No_missing_token_breaks_a_fix()
    {
        var applied = 0;
        foreach (var token in CSharpSyntaxTree.ParseText(Source).GetRoot().DescendantTokens().Where(static token => token.Span.Length > 0))
        {
            var editor = Editor.Open(Source.Remove(token.SpanStart, token.Span.Length));
            applied += await TryEveryFixAsync(editor);
        }

        Assert.True(applied > 100, $"Only {applied} fixes were applied.");
    }

    [Fact]
    public async Task No_half_typed_example_breaks_a_fix()
    {
        var failures = new ConcurrentQueue<string>();
        var applied = 0;
        var inputs = HalfTyped.Sample(Corpus(), 1200);

        await Parallel.ForEachAsync(inputs, async (source, _) =>
        {
            var editor = Editor.Open(source.Key);
            foreach (var text in source.Select(static input => input.Text))
            {
                try
                {
                    editor = editor.Type(text);
                    Interlocked.Add(ref applied, await TryEveryFixAsync(editor));
                }
                catch (Exception failure) // whatever it is: it was looked for, and the text that brings it about has to be told
                {
                    failures.Enqueue($"{text}\n{failure}");
                }
            }
        });

        var count = inputs.Sum(static source => source.Count());
        output.WriteLine($"{applied} fixes applied to {count} inputs from {inputs.Count} sources");
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures.Take(5)));
        Assert.True(applied > count / 4, $"Only {applied} fixes were applied.");
    }

    private static async Task<int> TryEveryFixAsync(Editor editor)
    {
        var applied = 0;
        foreach (var diagnostic in await editor.AnalyzeAsync())
        {
            Assert.NotEqual("AD0001", diagnostic.Id);
            foreach (var fix in RulePageTests.Fixes.Where(fix => fix.FixableDiagnosticIds.Contains(diagnostic.Id)))
            {
                applied += await editor.TryAllAsync(fix, diagnostic);
            }
        }

        return applied;
    }

    private static IEnumerable<string> Corpus() =>
    [
        .. Sources.OfPages(),
        .. Directory.EnumerateFiles(Repo.PathOf("tests", "Idempotency.CodeFixes.Tests"), "*FixTests.cs").Order(StringComparer.Ordinal)
            .SelectMany(static file => Sources.OfTests("Idempotency.CodeFixes.Tests", Path.GetFileName(file))),
    ];
}
