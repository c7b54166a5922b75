using System.Text;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>Source in which «guillemets» show where a diagnostic is expected.</summary>
internal sealed record Marked(string Source, IReadOnlyList<string> Spans)
{
    public static Marked Read(string text)
    {
        var source = new StringBuilder();
        var spans = new List<string>();
        var start = 0;
        foreach (var c in text)
        {
            switch (c)
            {
                case '«':
                    start = source.Length;
                    break;
                case '»':
                    spans.Add(Show(start, source.Length, source.ToString(start, source.Length - start)));
                    break;
                default:
                    source.Append(c);
                    break;
            }
        }

        return new Marked(source.ToString(), spans);
    }

    public static string Show(Diagnostic diagnostic)
    {
        var span = diagnostic.Location.SourceSpan;
        return Show(span.Start, span.End, diagnostic.Location.SourceTree!.GetText().ToString(span));
    }

    private static string Show(int start, int end, string text) => $"[{start}..{end}) {text}";
}
