using System.Globalization;

namespace Idempotency.Generator.Emit;

/// <summary>Gives out names that nothing else in reach has.</summary>
/// <param name="around">Names of the scope around this one. Not copied: there is one for each method, and it may be large.</param>
internal sealed class NameScope(IEnumerable<string> taken, StringComparer? comparer = null, HashSet<string>? around = null)
{
    // Once a name has been numbered the next one starts there: many overloads would otherwise make this quadratic.
    private readonly Dictionary<string, int> _last = new(comparer ?? StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(taken, comparer ?? StringComparer.Ordinal);

    public string Next(string wanted)
    {
        if (TryTake(wanted))
        {
            return wanted;
        }

        var number = _last.TryGetValue(wanted, out var last) ? last : 1;
        string name;
        do
        {
            number++;
            name = wanted + number.ToString(CultureInfo.InvariantCulture);
        }
        while (!TryTake(name));

        _last[wanted] = number;
        return name;
    }

    private bool TryTake(string name) => (around is null || !around.Contains(name)) && _taken.Add(name);
}
