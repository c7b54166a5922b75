namespace Idempotency;

/// <summary>The stored failure of the first call, whose type may not be recreated. The body did not run again.</summary>
public sealed class OperationFailedException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public OperationFailedException(string operation, string key, string failureType, string failureMessage)
        : base(operation, key, $"Operation {Name(operation, key)} failed before with {failureType}: {Printable(failureMessage)} The failure is kept and the body did not run again. Register the type with options.Failures.Replay<T>(…) to get it as itself.")
    {
        FailureType = failureType;
        FailureMessage = failureMessage;
    }

    /// <summary>A stored text must not be able to start a new line in a log.</summary>
    private static string Printable(string text) =>
        string.Create(text.Length, text, static (characters, text) =>
        {
            for (var i = 0; i < characters.Length; i++)
            {
                characters[i] = char.IsControl(text[i]) ? ' ' : text[i];
            }
        });

    /// <summary>The full name of the exception's type, as text; it is never used to make an instance.</summary>
    public string FailureType { get; }

    /// <summary>The exception's message.</summary>
    public string FailureMessage { get; }
}
