using Idempotency;
using Idempotency.Storage;
using Idempotency.Testing;

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
}
