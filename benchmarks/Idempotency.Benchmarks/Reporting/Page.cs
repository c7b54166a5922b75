using System.Text;
using System.Text.RegularExpressions;

namespace Idempotency.Benchmarks.Reporting;

/// <summary>The page of all measurements: a template's text, with what was measured last in the place of each section.</summary>
/// <param name="template">The text, in which a line <c>&lt;!-- section: name --&gt;</c> is a place.</param>
/// <param name="page">The page, which is written whenever something was measured.</param>
internal sealed partial class Page(string template, string page)
{
    private readonly Dictionary<string, string> _measured = File.Exists(page)
        ? Written().Matches(File.ReadAllText(page)).ToDictionary(static match => match.Groups["name"].Value, static match => match.Groups["text"].Value)
        : [];

    public void Write(string section, string text)
    {
        _measured[section] = $"\n{text.Trim()}\n\n";
        File.WriteAllText(page, Place().Replace(File.ReadAllText(template), place =>
        {
            var name = place.Groups["name"].Value;
            var text = _measured.GetValueOrDefault(name, $"\nNot measured yet: `./bench.sh {name}`.\n\n");
            return $"<!-- section: {name} -->\n{text}<!-- end: {name} -->";
        }), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    [GeneratedRegex("^<!-- section: (?<name>[a-z]+) -->$", RegexOptions.Multiline)]
    private static partial Regex Place();

    [GeneratedRegex(@"^<!-- section: (?<name>[a-z]+) -->\n(?<text>.*?)<!-- end: \k<name> -->$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Written();
}
