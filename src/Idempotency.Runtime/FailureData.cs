namespace Idempotency;

/// <summary>What is stored of an exception: its message, and whatever text a codec adds.</summary>
public sealed class FailureData
{
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Holds a message and nothing else yet.</summary>
    public FailureData(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Message = message;
    }

    /// <summary>The exception's message.</summary>
    public string Message { get; }

    /// <summary>The further texts, by name, in ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>A text by its name. Reading one that was not stored gives <see langword="null"/>; storing one is not done for it.</summary>
    public string? this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set
        {
            if (value is null)
            {
                _values.Remove(name);
            }
            else
            {
                _values[name] = value;
            }
        }
    }
}
