namespace Idempotency;

/// <summary>Everything the guard itself throws. The body's own exceptions reach the first caller untouched.</summary>
public abstract class IdempotencyException : Exception
{
    private protected IdempotencyException(string operation, string key, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Operation = operation;
        Key = key;
    }

    /// <summary>The operation's stable name.</summary>
    public string Operation { get; }

    /// <summary>The key's identity, as <see cref="IdempotencyContext.Key"/>: 64 hexadecimal digits, never an argument.</summary>
    public string Key { get; }

    /// <summary>How messages name a call: the operation and the first digits of the key.</summary>
    internal static string Name(string operation, string key) => $"'{operation}' (key {key[..Math.Min(8, key.Length)]}…)";
}
