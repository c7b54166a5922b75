using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>The process that is killed: callers that make guarded calls of shared keys, and journal what happens to them.</summary>
internal sealed class Victim : IDisposable
{
    private readonly Workload _work;
    private readonly Journal _journal;
    private readonly FaultPoint _fault;
    private readonly FaultingStore _store;
    private readonly IIdempotencyStore _opened;
    private readonly IdempotencyGuard _guard;
    private readonly Witness _witness;
    private readonly IdempotentOperation<long> _waits;
    private readonly IdempotentOperation<long> _returns;
    private volatile bool _isToldToStop;

    private Victim(Workload work, Journal journal, IIdempotencyStore opened, IIdempotencyStore used)
    {
        (_work, _journal, _opened) = (work, journal, opened);
        _fault = new FaultPoint(_journal, work);
        _store = new FaultingStore(used, _fault.At);
        _guard = IdempotencyGuard.Create(_store, new IdempotencyOptions { ClaimTimeout = work.ClaimTimeout });
        _witness = new Witness(_guard, journal);
        _waits = Operation(work, OnDuplicate.Wait);
        _returns = Operation(work, OnDuplicate.Return);
    }

    /// <summary>Both are one operation, so that a key means the same to who waits and to who does not.</summary>
    public static IdempotentOperation<long> Operation(Workload work, OnDuplicate onDuplicate) => new("soak.charge")
    {
        OnCrash = work.OnCrash,
        OnDuplicate = onDuplicate,
        WaitTimeout = work.Patience,
        Lease = work.Lease,
    };

    public static async Task RunAsync(Workload work)
    {
        using var journal = new Journal(work.Journal);
        IIdempotencyStore opened, used;
        try
        {
            (opened, used) = work.OpenStore();
        }
        catch (IOException refusal)
        {
            Console.Error.WriteLine(refusal.Message);
            journal.Write(Journal.Unavailable); // a disk that fails lets nobody begin
            return;
        }

        using var victim = new Victim(work, journal, opened, used);
        await victim.RunAsync();
    }

    private async Task RunAsync()
    {
        if (_work.FaultAt == "time")
        {
            _fault.After(TimeSpan.FromMicroseconds(_work.FaultAfter));
        }

        if (_work.GoesOnUntilTold)
        {
            new Thread(() =>
            {
                Console.In.ReadLine();
                _isToldToStop = true;
            }) { IsBackground = true }.Start();
        }

        _fault.At(Workload.Begin);
        await Task.WhenAll(Enumerable.Range(0, _work.Callers).Select(caller => Task.Run(() => CallAsync(new Random((_work.Seed * 397) ^ caller)))));
        if (_work.GoesOnUntilTold)
        {
            Children.Pause();
        }
    }

    public void Dispose()
    {
        _guard.Dispose();
        (_opened as IDisposable)?.Dispose();
    }

    private async Task CallAsync(Random random)
    {
        for (var i = 0; i < _work.Calls && !_isToldToStop; i++)
        {
            var key = $"{_work.FirstKey + (i / _work.CallsPerKeys * _work.Keys) + random.Next(_work.Keys)}";
            await CallAsync(key, random);
            await PauseAsync(random);
            if (random.Next(50) == 0)
            {
                await PurgeAsync();
            }
        }
    }

    private async Task PauseAsync(Random random)
    {
        switch (_work.IsUneven ? random.Next(12) : -1)
        {
            case 0:
                await Task.Delay(1);
                break;
            case 1:
                Thread.SpinWait(random.Next(2000));
                break;
            case 2:
                await Task.Yield();
                break;
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
        var operation = random.NextDouble() < _work.WaitRate ? _waits : _returns;
        if (await _witness.CallAsync(operation, key, value, context => BodyAsync(context, key, value, fails, random)))
        {
            _fault.At("returned");
        }
    }

    private async Task<long> BodyAsync(IdempotencyContext context, string key, long value, bool fails, Random random)
    {
        _journal.Write(Journal.Started, key, value, context.Attempt, context.Fence);
        _fault.At("body");
        await Task.Yield();
        await PauseAsync(random);
        if (fails)
        {
            throw new DeclinedException();
        }

        _fault.At("effect-");
        _journal.Write(Journal.Effect, key, value, context.Attempt, context.Fence);
        _fault.At("effect+");
        return value;
    }
}
