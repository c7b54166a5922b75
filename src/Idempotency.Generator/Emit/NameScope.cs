using System.Globalization;

namespace Idempotency.Generator.Emit;

/// <summary>Gives out names that nothing else in reach has.</summary>
internal sealed class NameScope(IEnumerable<string> taken, StringComparer? comparer = null)
{
    // Once a name has been numbered the next one starts there: many overloads would otherwise make this quadratic.
    private readonly Dictionary<string, int> _last = new(comparer ?? StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(taken, comparer ?? StringComparer.Ordinal);

    public string Next(string wanted)
    {
        if (_taken.Add(wanted))
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
        while (!_taken.Add(name));

        _last[wanted] = number;
        return name;
    }
}
