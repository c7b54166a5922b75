using System.Globalization;
using System.Text;

namespace Idempotency.Generator.Parsing;

/// <summary>An operation's schema where it has to be one line of text: in documentation, and in the baseline.</summary>
internal static class SchemaLine
{
    /// <summary>The schema itself, unless a name or template brings into it what ends a line or what XML cannot contain.</summary>
    public static string Of(string schema)
    {
        if (!schema.Any(NeedsEscape))
        {
            return schema;
        }

        var line = new StringBuilder();
        foreach (var c in schema)
        {
            if (NeedsEscape(c))
            {
                line.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                line.Append(c);
            }
        }

        return line.ToString();
    }

    // The backslash too, so that no two schemas are one line.
    private static bool NeedsEscape(char c) => c is '\\' or '\u2028' or '\u2029' or '\ufffe' or '\uffff' || char.IsControl(c) || char.IsSurrogate(c);
}
