namespace Idempotency.Testing;

/// <summary>What a history proves.</summary>
public enum LinearizabilityVerdict
{
    /// <summary>Every answer can be explained by calls that took effect one after the other, each between its call and its answer.</summary>
    Linearizable,

    /// <summary>No order of the calls explains the answers: the store broke its contract.</summary>
    NotLinearizable,

    /// <summary>The search was given up. Treat it as a failure: shorten the history of each key, or raise <see cref="LinearizabilityChecker.MaxSteps"/>.</summary>
    Undetermined,
}
