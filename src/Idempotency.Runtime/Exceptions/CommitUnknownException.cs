namespace Idempotency;

/// <summary>
/// The body ran in a transaction, its commit was sent, and the database could not be asked whether it committed. Everything in that
/// transaction, the outcome included, exists once or not at all. Send the same call again: it gets the outcome, or runs the body.
/// </summary>
public sealed class CommitUnknownException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public CommitUnknownException(string operation, string key, string reason, Exception? innerException = null)
        : base(
            operation,
            key,
            $"Operation {Name(operation, key)} ran its body and sent the commit of its transaction, and whether that was committed is not known: {reason} " +
            "What the body did in the database exists once or not at all, together with its outcome. Send the same call again when the database " +
            "answers: it gets the outcome, or runs the body.",
            innerException)
    {
    }
}
