using System.Runtime.CompilerServices;
using System.Text;

namespace Idempotency.Storage.Files;

/// <summary>A small number for every operation's name. Used by any thread.</summary>
internal sealed class OperationNames
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private string[] _names = [];
    private volatile Named? _last;

    public string NameOf(int number) => Volatile.Read(ref _names)[number];

    public int IdOf(string name)
    {
        lock (_gate)
        {
            if (!_numbers.TryGetValue(name, out var number))
            {
                number = _names.Length;
                _numbers.Add(name, number);
                Volatile.Write(ref _names, [.. _names, name]);
            }

            return number;
        }
    }

    /// <summary>The same, from a line; mostly the one of the line before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public int IdOf(ReadOnlySpan<byte> utf8)
    {
        var last = _last;
        if (last is null || !utf8.SequenceEqual(last.Utf8))
        {
            _last = last = new Named(utf8.ToArray(), IdOf(Encoding.UTF8.GetString(utf8)));
        }

        return last.Number;
    }

    private sealed record Named(byte[] Utf8, int Number);
}
