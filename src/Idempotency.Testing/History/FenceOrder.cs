using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>Fences grow over the whole store: what is granted after another grant was heard of has the greater one, whatever the keys.</summary>
internal static class FenceOrder
{
    public static (IdempotencyKey Key, string Fault)? FindFault(IReadOnlyList<HistoryEntry> entries)
    {
        var grants = Grants(entries);
        foreach (var shared in grants.GroupBy(static grant => grant.Fence).Where(static same => same.Count() > 1))
        {
            var last = shared.Last();
            return (last.Key, $"Fence {shared.Key} was granted to {shared.Count()} owners, the last of them of {last.Key}.");
        }

        var heard = new PriorityQueue<Grant, (TimeSpan, long)>(grants.Select(static grant => (grant, grant.Heard)));
        Grant? greatest = null;
        foreach (var grant in grants.OrderBy(static grant => grant.Asked))
        {
            while (heard.TryPeek(out var earlier, out var moment) && moment.CompareTo(grant.Asked) < 0)
            {
                heard.Dequeue();
                greatest = greatest is null || earlier.Fence > greatest.Fence ? earlier : greatest;
            }

            if (greatest is not null && greatest.Fence > grant.Fence)
            {
                return (grant.Key, $"{grant.Key} was granted with fence {grant.Fence} after {greatest.Key} was with {greatest.Fence}.");
            }
        }

        return null;
    }

    /// <summary>Each grant once, however often its claim was repeated.</summary>
    private static List<Grant> Grants(IReadOnlyList<HistoryEntry> entries)
    {
        var claims = entries.Where(static entry => entry.Operation == StoreOperation.Claim).ToList();
        var asked = claims.GroupBy(static entry => (entry.Key, entry.Token))
            .ToDictionary(static group => group.Key, static group => group.Min(static entry => (entry.CalledAt, entry.CallOrder)));
        return
        [
            .. claims.Where(static entry => entry.Claim is Claim.Acquired)
                .GroupBy(static entry => (entry.Key, entry.Token, ((Claim.Acquired)entry.Claim!).Fence))
                .Select(group => new Grant(
                    group.Key.Key,
                    group.Key.Fence,
                    asked[(group.Key.Key, group.Key.Token)],
                    group.Min(static entry => (entry.ReturnedAt!.Value, entry.ReturnOrder)))),
        ];
    }

    /// <param name="Key">The key.</param>
    /// <param name="Fence">The fence.</param>
    /// <param name="Asked">When its token first asked: the grant was not before.</param>
    /// <param name="Heard">When a caller first heard of it: the grant was not after.</param>
    private sealed record Grant(IdempotencyKey Key, long Fence, (TimeSpan, long) Asked, (TimeSpan, long) Heard);
}
