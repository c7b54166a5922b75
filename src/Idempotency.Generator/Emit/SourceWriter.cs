using System.Text;

namespace Idempotency.Generator.Emit;

/// <summary>Writes lines and knows how deep it is.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public void Line(string line = "")
    {
        if (line.Length > 0)
        {
            _text.Append(' ', _depth * 4).Append(line);
        }

        _text.Append('\n'); // on every machine, so that the file is the same
    }

    /// <summary>Writes a line and a block under it, which ends when the result is disposed of.</summary>
    public IDisposable Block(string line, string end = "}")
    {
        Line(line);
        return Braces(end);
    }

    public IDisposable Braces(string end)
    {
        Line("{");
        _depth++;
        return new Scope(this, end);
    }

    /// <summary>Indents what follows until the result is disposed of.</summary>
    public IDisposable Indent()
    {
        _depth++;
        return new Scope(this, end: null);
    }

    public override string ToString() => _text.ToString();

    private sealed class Scope(SourceWriter writer, string? end) : IDisposable
    {
        public void Dispose()
        {
            writer._depth--;
            if (end is not null)
            {
                writer.Line(end);
            }
        }
    }
}
