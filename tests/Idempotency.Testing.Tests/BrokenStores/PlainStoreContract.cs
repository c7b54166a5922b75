using Idempotency.Storage;

namespace Idempotency.Testing.Tests.BrokenStores;

/// <summary>The contract of a plain store with a flaw. Not a test class of its own.</summary>
internal sealed class PlainStoreContract : StoreContract
{
    private readonly FakeTimeProvider _time = new();

    public PlainStoreContract(Flaw flaw)
    {
        Store = new PlainStore(_time, flaw);
        Patience = flaw == Flaw.None ? base.Patience : TimeSpan.FromMilliseconds(200); // what a flaw keeps waiting waits in vain
    }

    protected override IIdempotencyStore Store { get; }

    protected override TimeSpan Patience { get; }

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
