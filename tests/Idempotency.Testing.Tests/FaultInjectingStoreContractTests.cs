using Idempotency.Storage;

namespace Idempotency.Testing.Tests;

/// <summary>A decorator that nobody asked for a fault changes nothing of the store behind it.</summary>
public sealed class FaultInjectingStoreContractTests : StoreContract
{
    private readonly FakeTimeProvider _time = new();

    public FaultInjectingStoreContractTests()
    {
        var memory = new MemoryStore(timeProvider: _time);
        Store = new FaultInjectingStore(memory, _time);
        OtherStore = memory;
    }

    protected override IIdempotencyStore Store { get; }

    protected override IIdempotencyStore OtherStore { get; }

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    protected override Task JumpWallClockAsync(TimeSpan by)
    {
        _time.JumpWallClock(by);
        return Task.CompletedTask;
    }
}
