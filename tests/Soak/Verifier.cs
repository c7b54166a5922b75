using System.Collections.Concurrent;

namespace Idempotency.Soak;

/// <summary>Asks for every key when nobody else is left: what it is now, it is for ever.</summary>
public static class Verifier
{
    public static async Task<IReadOnlyDictionary<string, Verdict>> VerifyAsync(
        StoreUnderTest store, string root, OnCrash onCrash, IReadOnlyList<JournalLine> lines)
    {
        var keys = lines.Select(static line => line.Key).Where(static key => key != "-").Distinct().ToList();
        if (!store.Survives)
        {
            // Gone with the process: what it had answered is all there is.
            return keys.ToDictionary(static key => key, key => new Verdict(
                lines.FirstOrDefault(line => line.Key == key && line.What == Journal.Returned)?.Value, IsInDoubt: false, IsStuck: false));
        }

        var opened = store.Open(root, TimeProvider.System);
        using var closing = opened as IDisposable;
        using var guard = IdempotencyGuard.Create(opened);
        // Where leases end by a clock, those of the dead may not be over yet; a key that is taken for longer is stuck.
        var work = new Workload { Store = store.Name, Directory = root, Journal = "", OnCrash = onCrash, Patience = TimeSpan.FromSeconds(30) };
        var operation = Victim.Operation(work, store.LeaseIsLife ? OnDuplicate.Return : OnDuplicate.Wait);
        // Several at once: where a lease ends only for who has watched it, one after the other would wait for one lease after the other.
        var verdicts = new ConcurrentDictionary<string, Verdict>();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (key, _) => verdicts[key] = await VerifyAsync(guard, key, operation));
        return verdicts;
    }

    private static async Task<Verdict> VerifyAsync(IdempotencyGuard guard, string key, IdempotentOperation<long> operation)
    {
        var hasRun = false;
        try
        {
            var value = await guard.RunAsync(operation, key, _ =>
            {
                hasRun = true;
                return Task.FromResult(-1L);
            });
            return new Verdict(hasRun ? null : value, IsInDoubt: false, IsStuck: false);
        }
        catch (OperationInDoubtException)
        {
            return new Verdict(null, IsInDoubt: true, IsStuck: false);
        }
        catch (IdempotencyException)
        {
            return new Verdict(null, IsInDoubt: false, IsStuck: true);
        }
    }
}
