using System.Globalization;
using System.Text;

namespace Idempotency.PostgreSql;

/// <summary>
/// An operation's name as the table has it: printable ASCII as it is, and any other character, or a backslash, as <c>\uXXXX</c>. So a
/// name is kept whole in a database of any encoding, although PostgreSQL has no text with a zero in it, and two never become one.
/// </summary>
internal static class OperationName
{
    public static string Stored(string operation)
    {
        if (operation.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !operation.Contains('\\', StringComparison.Ordinal))
        {
            return operation;
        }

        var stored = new StringBuilder(operation.Length + 16);
        foreach (var character in operation)
        {
            _ = character is >= ' ' and <= '~' and not '\\'
                ? stored.Append(character)
                : stored.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }

        return stored.ToString();
    }
}
