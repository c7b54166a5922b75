using Idempotency.CodeFixes.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Idempotency.CodeFixes.Tests;

/// <summary>A fix is right when its text is what was expected and when that compiles with the generator.</summary>
public abstract class FixTest
{
    private protected abstract CodeFixProvider Fix { get; }

    private protected async Task BecomesAsync(string rule, string before, string after, string? title = null)
    {
        var mended = await Editor.Open(before).FixAsync(Fix, rule, title);

        Assert.Equal(after, await mended.TextAsync());
        Assert.Empty(await mended.ComplaintsAsync());
    }

    private protected async Task AllBecomeAsync(string rule, string before, string after)
    {
        var mended = await Editor.Open(before).FixAllAsync(Fix, rule);

        Assert.Equal(after, await mended.TextAsync());
        Assert.Empty(await mended.ComplaintsAsync());
    }

    /// <summary>The rule is reported, and this fix leaves it to a person.</summary>
    private protected async Task IsNotOfferedAsync(string rule, string source)
    {
        var editor = Editor.Open(source);

        Assert.Contains(await editor.AnalyzeAsync(), diagnostic => diagnostic.Id == rule);
        Assert.Empty(await editor.OfferedAsync(Fix, rule));
    }
}
