#region testing-a-store
using Idempotency;
using Idempotency.Storage;
using Idempotency.Testing;

namespace Stores.Tests;

public sealed class MemoryStoreTests : StoreContract
{
    private readonly FakeTimeProvider _time = new();

    public MemoryStoreTests() => Store = new MemoryStore(timeProvider: _time);

    protected override IIdempotencyStore Store { get; }

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
#endregion
