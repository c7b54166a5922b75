using System.Text;

namespace Idempotency.Storage.Files;

/// <summary>One string for every operation's name, however many records have it.</summary>
internal sealed class OperationNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _byChars;

    public OperationNames() => _byChars = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Get(string name)
    {
        _names.TryAdd(name, name);
        return _names[name];
    }

    public string Get(ReadOnlySpan<byte> utf8)
    {
        Span<char> chars = utf8.Length <= 512 ? stackalloc char[utf8.Length] : new char[utf8.Length];
        var name = chars[..Encoding.UTF8.GetChars(utf8, chars)];
        if (!_byChars.TryGetValue(name, out var known))
        {
            known = name.ToString();
            _names.Add(known, known);
        }

        return known;
    }
}
