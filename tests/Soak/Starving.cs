using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>
/// Calls that hold their keys while every thread of the pool is blocked and the collector has no rest, and others that ask for the
/// same keys meanwhile. It lasts until every lease would have ended that was not renewed.
/// </summary>
internal sealed class Starving : IDisposable
{
    private const int BlockedItems = 200, RenewalsPerKey = 4;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly Workload _work;
    private readonly Journal _journal;
    private readonly IIdempotencyStore _opened;
    private readonly IdempotencyGuard _guard;
    private readonly Witness _witness;
    private readonly IdempotentOperation<long> _operation;
    private readonly ManualResetEventSlim _areHeld = new(), _areRenewed = new(), _arePoolThreadsFree = new();
    private readonly TaskCompletionSource _mayBodiesEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unheld, _unrenewed;
    private volatile bool _isOver;

    private Starving(Workload work, Journal journal)
    {
        (_work, _journal) = (work, journal);
        (_unheld, _unrenewed) = (work.Keys, work.Keys * RenewalsPerKey);
        (_opened, var used) = work.OpenStore();
        _guard = IdempotencyGuard.Create(new FaultingStore(used, CountRenewals));
        _witness = new Witness(_guard, journal);
        _operation = Victim.Operation(work, OnDuplicate.Return);
    }

    public static async Task RunAsync(Workload work)
    {
        using var journal = new Journal(work.Journal);
        using var starving = new Starving(work, journal);
        await starving.RunAsync();
    }

    public void Dispose()
    {
        _guard.Dispose();
        (_opened as IDisposable)?.Dispose();
        _areHeld.Dispose();
        _areRenewed.Dispose();
        _arePoolThreadsFree.Dispose();
    }

    private async Task RunAsync()
    {
        var owners = ForEachKey(Call);
        _areHeld.Wait();
        var blocked = Enumerable.Range(0, BlockedItems).Select(_ => Task.Run(_arePoolThreadsFree.Wait)).ToList();
        var others = ForEachKey(CallUntilItIsOver);
        var pressure = OnThread(Allocate);

        _areRenewed.Wait(); // counted and not timed: how late a renewal is, is what the lease decides
        _isOver = true;
        _arePoolThreadsFree.Set();
        await Task.WhenAll([.. blocked, pressure]);
        _mayBodiesEnd.SetResult();
        await Task.WhenAll([.. owners, .. others]);
        await Task.WhenAll(ForEachKey(Call));
    }

    private List<Task> ForEachKey(Action<string> call) => [.. Enumerable.Range(0, _work.Keys).Select(key => OnThread(() => call($"{key}")))];

    /// <summary>Not on the pool, which has no thread to give.</summary>
    private static Task OnThread(Action action) => Task.Factory.StartNew(action, TaskCreationOptions.LongRunning);

    private void CallUntilItIsOver(string key)
    {
        do
        {
            Call(key);
        }
        while (!_areRenewed.Wait(s_pause));
    }

    private void Call(string key)
    {
        var value = Random.Shared.NextInt64(1, long.MaxValue);
        _witness.CallAsync(_operation, key, value, context => RunAsync(context, key, value)).GetAwaiter().GetResult();
    }

    private async Task<long> RunAsync(IdempotencyContext context, string key, long value)
    {
        _journal.Write(Journal.Started, key, value, context.Attempt, context.Fence);
        if (Interlocked.Decrement(ref _unheld) == 0)
        {
            _areHeld.Set();
        }

        await _mayBodiesEnd.Task;
        _journal.Write(Journal.Effect, key, value, context.Attempt, context.Fence);
        return value;
    }

    private void CountRenewals(string point)
    {
        if (point == "renew-" && Interlocked.Decrement(ref _unrenewed) == 0)
        {
            _areRenewed.Set();
        }
    }

    private void Allocate()
    {
        var kept = new byte[64][];
        for (var i = 0; !_isOver; i++)
        {
            kept[i % kept.Length] = new byte[1 << 18]; // on the large object heap, so that all generations are collected
        }
    }
}
