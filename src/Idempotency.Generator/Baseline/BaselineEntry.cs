using System.Text.RegularExpressions;

namespace Idempotency.Generator.Baseline;

/// <summary>A key schema as it stands in a baseline: <c>billing.charge v2: userId:i32, amount:dec</c>.</summary>
/// <param name="Line">All of it.</param>
/// <param name="Identity">The operation's name, or the full signature of a method without one.</param>
/// <param name="Key">What is in the key; empty where the operation itself is it.</param>
internal sealed record BaselineEntry(string Line, string Identity, int Version, string Key)
{
    private static readonly Regex s_form = new(@"^(?<identity>\S.*?) v(?<version>[1-9]\d{0,8}):( (?<key>.*))?$", RegexOptions.CultureInvariant);

    /// <summary>Reads a line, or gives null for one that is no schema.</summary>
    public static BaselineEntry? Parse(string line)
    {
        var match = s_form.Match(line);
        return match.Success
            ? new BaselineEntry(
                line,
                match.Groups["identity"].Value,
                int.Parse(match.Groups["version"].Value, System.Globalization.CultureInfo.InvariantCulture),
                match.Groups["key"].Value)
            : null;
    }

    /// <summary>What the operation may be called: what follows its name may be parameters, or belong to it.</summary>
    public IEnumerable<string> PossibleNames => Enumerable.Range(0, Identity.Length + 1)
        .Where(end => end == Identity.Length || Identity[end] is '(' or '<').Select(end => Identity.Substring(0, end));

    /// <summary>The method's name, where the identity is a signature.</summary>
    public string MethodName
    {
        get
        {
            var qualified = Identity.Split('(', '<')[0];
            return qualified.Substring(qualified.LastIndexOf('.') + 1);
        }
    }

    /// <summary>The line for the same keys in another version.</summary>
    public string InVersion(string version) => $"{Identity} v{version}:{(Key.Length == 0 ? "" : " " + Key)}";
}
