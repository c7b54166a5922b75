using System.Diagnostics;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>
/// Callers that all want one key, take it as fast as they can, and count in memory that nothing else protects. Each opens the
/// store, takes the key some times and closes the store again, where the store is one that can be shared like that.
/// </summary>
internal sealed class Contender(Workload work)
{
    private const int TakesPerOpening = 500, ReleasesPerCompletion = 32;

    private int _callers;

    public static async Task RunAsync(Workload work)
    {
        using var tally = Tally.Open(work.Journal);
        var contender = new Contender(work);
        if (StoreUnderTest.Named(work.Store).Survives)
        {
            await contender.OnThreadsAsync(() => contender.ContendWithStorm(tally));
        }
        else
        {
            var (opened, used) = work.OpenStore();
            using var closing = opened as IDisposable;
            await contender.OnThreadsAsync(() => Contend(used, tally, Interlocked.Increment(ref contender._callers), work.Calls, turn: 0));
        }
    }

    /// <summary>On threads of their own, so that none waits for another's turn on the pool.</summary>
    private Task OnThreadsAsync(Action contend) =>
        Task.WhenAll(Enumerable.Range(0, work.Callers).Select(_ => Task.Factory.StartNew(contend, TaskCreationOptions.LongRunning)));

    private void ContendWithStorm(Tally tally)
    {
        var caller = (Environment.ProcessId << 8) + Interlocked.Increment(ref _callers);
        var turn = 0;
        for (var left = work.Calls; left > 0; left -= TakesPerOpening)
        {
            var (opened, used) = work.OpenStore();
            using var closing = opened as IDisposable;
            turn = Contend(used, tally, caller, Math.Min(left, TakesPerOpening), turn);
        }
    }

    /// <returns>Which of the keys is the wanted one now: one that was completed is left for the next.</returns>
    private static int Contend(IIdempotencyStore store, Tally tally, int caller, int takes, int turn)
    {
        while (takes > 0 && tally.Overlaps == 0) // after the first there is nothing left to find
        {
            var owner = new Ownership(OwnerToken.New(), Fence: 0);
            switch (Answer(store.TryClaimAsync(KeyOf(turn), new ClaimRequest(owner.Token, TimeSpan.FromHours(1), OnCrash.Hold, default), CancellationToken.None)))
            {
                case Claim.Acquired claim:
                    owner = owner with { Fence = claim.Fence };
                    tally.Count(caller, isLong: takes % 64 == 0);
                    Require(takes-- % ReleasesPerCompletion == 0
                        ? Answer(store.CompleteAsync(KeyOf(turn), owner, new StoredOutcome(isFailure: false, new byte[1]), TimeSpan.FromDays(1), CancellationToken.None))
                        : Answer(store.ReleaseAsync(KeyOf(turn), owner, CancellationToken.None)));
                    break;
                case Claim.Finished:
                    turn++;
                    break;
                case Claim.Busy:
                    Thread.Yield(); // to the owner, if it waits for a processor
                    break;
                case var other:
                    throw new UnreachableException($"Nobody died here, and the claim was answered with {other}.");
            }
        }

        return turn;
    }

    private static void Require(OwnerAnswer answer)
    {
        if (answer != OwnerAnswer.Accepted)
        {
            throw new UnreachableException("The owner of a key was fenced.");
        }
    }

    private static IdempotencyKey KeyOf(int turn) => IdempotencyKey.FromCanonical("soak.contend", BitConverter.GetBytes(turn));

    private static TAnswer Answer<TAnswer>(ValueTask<TAnswer> call) => call.IsCompletedSuccessfully ? call.Result : call.AsTask().GetAwaiter().GetResult();
}
