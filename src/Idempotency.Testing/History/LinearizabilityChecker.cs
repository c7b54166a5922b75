using System.Globalization;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>
/// Judges whether a history of concurrent calls can be explained by the contract of <see cref="IIdempotencyStore"/>, every call being one
/// atomic step between its call and its answer. Trusts nothing but the history.
/// </summary>
/// <remarks>
/// Keys are judged one by one, which is what makes it fast, and fences over all of them. The time at which a lease or a retention ends is
/// known only to lie between those that the calls allow. The versions that resolutions show are not judged.
/// </remarks>
public sealed class LinearizabilityChecker
{
    /// <summary>
    /// How far the store's clock may be from the history's, while a lease or a retention lasts; 10 milliseconds by default, zero where both have
    /// the same clock.
    /// </summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long the store keeps a freed key's record; 10 minutes by default.</summary>
    public TimeSpan TombstoneRetention { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether fences grow over all keys, as they do by default. <see langword="false"/> for a store of several servers that each count for
    /// themselves: then only those of one key are compared.
    /// </summary>
    public bool FencesGrowOverAllKeys { get; init; } = true;

    /// <summary>How many steps the search takes for one key before it gives up; 200,000 by default, at least 1.</summary>
    public int MaxSteps { get; init; } = 200_000;

    /// <summary>Judges a history.</summary>
    /// <param name="history">The history, of callers that have all come to an end, with no more than 65,535 calls of one key.</param>
    public LinearizabilityResult Check(StoreHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var entries = history.Entries;
        var specification = new StoreSpecification(Tolerance, TombstoneRetention);
        var (keys, steps) = (0, 0L);
        LinearizabilityResult? undetermined = null;
        foreach (var group in entries.GroupBy(static entry => entry.Key))
        {
            if (group.Count() > char.MaxValue) // calls and tokens are numbered by characters
            {
                undetermined ??= new LinearizabilityResult(LinearizabilityVerdict.Undetermined, group.Key, $"{group.Key} has more than 65,535 calls.", steps);
                continue;
            }

            var search = new LinearizabilitySearch(Prepare(group), specification);
            var verdict = search.Run(MaxSteps);
            keys++;
            steps += search.Steps;
            if (verdict == LinearizabilityVerdict.NotLinearizable)
            {
                return new LinearizabilityResult(verdict, group.Key, $"No order of the calls of {group.Key} explains the answers:\n{search.Excerpt}", steps);
            }

            if (verdict == LinearizabilityVerdict.Undetermined)
            {
                undetermined ??= new LinearizabilityResult(verdict, group.Key, $"{group.Key} was given up after {search.Steps} steps.", steps);
            }
        }

        if (FencesGrowOverAllKeys && FenceOrder.FindFault(entries) is var (key, fault))
        {
            return new LinearizabilityResult(LinearizabilityVerdict.NotLinearizable, key, fault, steps);
        }

        var unknown = entries.Count(static entry => entry.ReturnedAt is null);
        return undetermined ?? new LinearizabilityResult(
            LinearizabilityVerdict.Linearizable,
            null,
            string.Create(CultureInfo.InvariantCulture, $"{entries.Count} calls of {keys} keys, {unknown} of them without an answer."),
            steps);
    }

    private static List<SpecCall> Prepare(IEnumerable<HistoryEntry> entries)
    {
        var tokens = new Dictionary<OwnerToken, int>();
        var calls = new List<SpecCall>();
        foreach (var entry in entries)
        {
            if (!tokens.TryGetValue(entry.Token, out var token))
            {
                tokens.Add(entry.Token, token = tokens.Count);
            }

            calls.Add(new SpecCall(entry, token, Convert.ToHexString(entry.Fingerprint.Span), SpecCall.NameOf(entry.Outcome)));
        }

        return calls;
    }
}
