using Idempotency.Storage;

namespace Idempotency.Testing.Tests.BrokenStores;

/// <summary>Without a flaw the plain store keeps the contract, so what fails on a broken one fails because of its flaw.</summary>
public sealed class PlainStoreTests : StoreContract
{
    private readonly FakeTimeProvider _time = new();

    public PlainStoreTests() => Store = new PlainStore(_time);

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
