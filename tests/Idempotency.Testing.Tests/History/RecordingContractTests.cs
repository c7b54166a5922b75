using Idempotency.Storage;

namespace Idempotency.Testing.Tests.History;

/// <summary>Writing down what a store answers does not change it.</summary>
public sealed class RecordingContractTests : StoreContract
{
    private readonly FakeTimeProvider _time = new();

    public RecordingContractTests() => Store = new StoreHistory(_time).Record(new MemoryStore(timeProvider: _time));

    protected override IIdempotencyStore Store { get; }

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}
