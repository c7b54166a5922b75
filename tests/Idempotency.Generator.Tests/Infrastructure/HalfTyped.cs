using System.Globalization;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>A source as it is while somebody types: a token is missing, or everything after one.</summary>
internal readonly record struct HalfTyped(string Source, TextSpan Missing)
{
    // The number of another sample, or "all".
    private static readonly string s_choice = Environment.GetEnvironmentVariable("IDEMPOTENCY_HALF_TYPED") ?? "0";

    public string Text => Source.Remove(Missing.Start, Missing.Length);

    /// <summary>So many of all that can be made of the sources, the same ones in every run; those of one source stay together.</summary>
    public static IReadOnlyList<IGrouping<string, HalfTyped>> Sample(IEnumerable<string> sources, int count)
    {
        var all = sources.Distinct().SelectMany(Of).ToArray();
        if (s_choice != "all")
        {
            var random = new Random(int.Parse(s_choice, CultureInfo.InvariantCulture));
            all = [.. Enumerable.Range(0, all.Length).OrderBy(_ => random.Next()).Take(count).Order().Select(i => all[i])];
        }

        return [.. all.GroupBy(static input => input.Source)];
    }

    private static IEnumerable<HalfTyped> Of(string source)
    {
        foreach (var token in Compile.Tree(source, "").GetRoot().DescendantTokens().Where(static token => token.Span.Length > 0))
        {
            yield return new HalfTyped(source, token.Span);
            if (token.Span.End < source.Length)
            {
                yield return new HalfTyped(source, TextSpan.FromBounds(token.Span.End, source.Length));
            }
        }
    }
}
