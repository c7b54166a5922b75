using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>The process that is killed: callers that make guarded calls of shared keys, and journal what happens to them.</summary>
internal sealed class Victim : IDisposable
{
    private readonly Workload _work;
    private readonly Journal _journal;
    private readonly SelfKill _kill;
    private readonly KillingStore _store;
    private readonly IIdempotencyStore _opened;
    private readonly IdempotencyGuard _guard;
    private readonly IdempotentOperation<long> _waits;
    private readonly IdempotentOperation<long> _returns;

    private Victim(Workload work, Journal journal, IIdempotencyStore opened)
    {
        (_work, _journal, _opened) = (work, journal, opened);
        _kill = new SelfKill(_journal, work.KillAt, work.KillAfter);
        _store = new KillingStore(work.Flaw.Length > 0 ? new FlawedStore(_opened, work.Flaw) : _opened, _kill);
        _guard = IdempotencyGuard.Create(_store);
        _waits = Operation(work.OnCrash, OnDuplicate.Wait);
        _returns = Operation(work.OnCrash, OnDuplicate.Return);
    }

    /// <summary>Both are one operation, so that a key means the same to who waits and to who does not.</summary>
    public static IdempotentOperation<long> Operation(OnCrash onCrash, OnDuplicate onDuplicate) => new("soak.charge")
    {
        OnCrash = onCrash,
        OnDuplicate = onDuplicate,
        WaitTimeout = TimeSpan.FromSeconds(1),
    };

    public static async Task RunAsync(Workload work)
    {
        using var journal = new Journal(work.Journal);
        IIdempotencyStore opened;
        try
        {
            opened = StoreUnderTest.Named(work.Store).Open(work.Directory);
        }
        catch (IOException refusal)
        {
            Console.Error.WriteLine(refusal.Message);
            journal.Write(Journal.Unavailable); // a disk that fails lets nobody begin
            return;
        }

        using var victim = new Victim(work, journal, opened);
        await victim.RunAsync();
    }

    private async Task RunAsync()
    {
        if (_work.KillAt == "time")
        {
            _kill.After(TimeSpan.FromMicroseconds(_work.KillAfter));
        }

        await Task.WhenAll(Enumerable.Range(0, _work.Callers).Select(caller => Task.Run(() => CallAsync(new Random(HashCode.Combine(_work.Seed, caller))))));
    }

    public void Dispose()
    {
        _guard.Dispose();
        (_opened as IDisposable)?.Dispose();
    }

    private async Task CallAsync(Random random)
    {
        for (var i = 0; i < _work.Calls; i++)
        {
            var key = $"{_work.FirstKey + random.Next(_work.Keys)}";
            await CallAsync(key, random);
            if (random.Next(50) == 0)
            {
                await PurgeAsync();
            }
        }
    }

    private async Task PurgeAsync()
    {
        try
        {
            await _store.PurgeAsync(10, CancellationToken.None);
        }
        catch (IOException)
        {
            _journal.Write(Journal.Unavailable); // a disk that fails; what is expired stays for the next time
        }
    }

    private async Task CallAsync(string key, Random random)
    {
        var fails = random.NextDouble() < _work.FailureRate;
        var value = random.NextInt64(1, long.MaxValue);
        try
        {
            var result = await _guard.RunAsync(random.Next(2) == 0 ? _waits : _returns, key, context => BodyAsync(context, key, value, fails));
            _journal.Write(Journal.Returned, key, result);
            _kill.At("returned");
        }
        catch (DeclinedException)
        {
            _journal.Write(Journal.Failed, key, value);
        }
        catch (Exception refusal) when (refusal is OperationInProgressException or OperationInDoubtException)
        {
            _journal.Write(Journal.Refused, key);
        }
        catch (OutcomeNotStoredException notStored)
        {
            _journal.Write(Journal.NotStored, key, (long)notStored.Result!);
        }
        catch (StoreUnavailableException)
        {
            _journal.Write(Journal.Unavailable, key);
        }
        catch (UnreadableRecordException)
        {
            _journal.Write(Journal.Unreadable, key);
        }
    }

    private async Task<long> BodyAsync(IdempotencyContext context, string key, long value, bool fails)
    {
        _journal.Write(Journal.Started, key, value, context.Attempt, context.Fence);
        _kill.At("body");
        await Task.Yield();
        if (fails)
        {
            throw new DeclinedException();
        }

        _kill.At("effect-");
        _journal.Write(Journal.Effect, key, value, context.Attempt, context.Fence);
        _kill.At("effect+");
        return value;
    }

    private sealed class DeclinedException : Exception;
}
