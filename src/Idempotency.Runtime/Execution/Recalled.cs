namespace Idempotency.Execution;

/// <summary>A stored outcome, read.</summary>
/// <param name="Result">The result; the default when the outcome is a failure.</param>
/// <param name="Failure">The failure to throw; <see langword="null"/> when the outcome is a result.</param>
internal readonly record struct Recalled<TResult>(TResult Result, Exception? Failure)
{
    /// <summary>Gives the outcome as the first caller got it.</summary>
    public TResult Replay() => Failure is null ? Result : throw Failure;
}
