using Idempotency.Keys;

namespace Idempotency.Testing;

/// <summary>What a <see cref="LinearizabilityChecker"/> found.</summary>
/// <param name="Verdict">What the history proves; of several keys, the worst.</param>
/// <param name="Key">The key that failed or could not be decided; <see langword="null"/> when there is none.</param>
/// <param name="Report">
/// For people: how much was checked, and, of a history that failed, the last calls that could be explained, the state they led to, and
/// the calls that cannot come next.
/// </param>
/// <param name="Steps">How many steps the search took.</param>
public sealed record LinearizabilityResult(LinearizabilityVerdict Verdict, IdempotencyKey? Key, string Report, long Steps)
{
    /// <summary>The report.</summary>
    public override string ToString() => $"{Verdict}: {Report}";
}
