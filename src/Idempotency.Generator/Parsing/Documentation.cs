using System.Xml;
using System.Xml.Linq;
using Idempotency.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Parsing;

/// <summary>
/// The user's documentation of a method with its key schema added. Written on the implementing part it replaces what stands on the
/// declaring one, so that an editor shows both wherever the method is used.
/// </summary>
internal static class Documentation
{
    /// <summary>The lines of the comment; none where the user's own is not well-formed, of which the compiler will speak.</summary>
    public static EquatableArray<string> Of(IMethodSymbol method, string schema, CancellationToken cancellation)
    {
        // References come resolved: the generated file has none of the user's using directives.
        var written = method.GetDocumentationCommentXml(expandIncludes: false, cancellationToken: cancellation);
        if (Parse(written) is not { } member)
        {
            return default;
        }

        object[] note = ["Runs once per key of ", new XElement("c", SchemaLine.Of(schema))];
        if (member.Element("remarks") is { } remarks)
        {
            remarks.Add(new XElement("para", note));
            return Lines(member).ToEquatableArray();
        }

        return Lines(member).Append(new XElement("remarks", note).ToString(SaveOptions.DisableFormatting)).ToEquatableArray();
    }

    private static IEnumerable<string> Lines(XElement member)
    {
        var text = string.Concat(member.Nodes().Select(static node => node.ToString(SaveOptions.DisableFormatting)));
        var lines = text.TrimEnd().Split('\n').Select(static line => line.TrimEnd()).SkipWhile(static line => line.Length == 0).ToArray();

        // The compiler indents all lines. What goes beyond that belongs to the user's code samples.
        var indentation = lines.Where(static line => line.Length > 0).Select(static line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return lines.Select(line => line.Substring(Math.Min(indentation, line.Length)));
    }

    private static XElement? Parse(string? written)
    {
        if (string.IsNullOrWhiteSpace(written))
        {
            return new XElement("member");
        }

        try
        {
            return XElement.Parse(written, LoadOptions.PreserveWhitespace) is { Name.LocalName: "member" } member ? member : null;
        }
        catch (XmlException)
        {
            return null; // a comment that says so stands where the member would
        }
    }
}
