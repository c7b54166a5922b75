using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>Waiters hear of what another store of the directory did: by the operating system, and without it by looking.</summary>
public sealed class WakeUpTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly StoreFolder _folder = new();

    [Fact]
    public async Task The_operating_system_alone_wakes_the_waiters_of_another_store()
    {
        using var owner = _folder.Open();
        using var other = _folder.Open(new StoppedClock());
        var (ownership, waiters) = await BeginAsync(owner, other);

        await owner.CompleteAsync("key", ownership);

        await waiters.WaitAsync(s_patience);
        Assert.Equal("done", await other.AskAsync("key"));
    }

    [Fact]
    public async Task Looking_alone_wakes_the_waiters_of_another_store()
    {
        var time = new FakeTimeProvider();
        using var owner = _folder.Open();
        using var other = _folder.Open(time, Untold);
        var (ownership, waiters) = await BeginAsync(owner, other);

        await owner.CompleteAsync("key", ownership);
        time.Advance(TimeSpan.FromMilliseconds(250));

        await waiters.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Looking_alone_notices_an_owner_that_has_died()
    {
        var time = new FakeTimeProvider();
        using var owner = _folder.Open();
        using var other = _folder.Open(time, Untold);
        var (_, waiters) = await BeginAsync(owner, other);

        owner.Crash();
        time.Advance(TimeSpan.FromMilliseconds(250));

        await waiters.WaitAsync(s_patience);
        Assert.Equal("Acquired", await other.AskAsync("key"));
    }

    [Fact]
    public async Task A_look_that_fails_is_not_the_last()
    {
        var time = new FakeTimeProvider();
        using var owner = _folder.Open();
        using var other = _folder.Open(time, Untold);
        var (ownership, waiters) = await BeginAsync(owner, other);
        var state = await File.ReadAllBytesAsync(_folder.File("state"));

        await File.WriteAllBytesAsync(_folder.File("state"), [.. state[..4], .. "nonsense"u8]);
        time.Advance(TimeSpan.FromMilliseconds(250));
        await File.WriteAllBytesAsync(_folder.File("state"), state);
        await owner.CompleteAsync("key", ownership);
        time.Advance(TimeSpan.FromMilliseconds(250));

        await waiters.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Waiters_that_are_neither_told_nor_look_are_found()
    {
        using var owner = _folder.Open();
        using var other = _folder.Open(new StoppedClock(), Untold);
        var (ownership, waiters) = await BeginAsync(owner, other);

        await owner.CompleteAsync("key", ownership);

        // Nothing is left that could end it: the two tests above would wait until their patience is over.
        Assert.False(waiters.IsCompleted);
        other.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    private static FileStoreOptions Untold => new() { Durability = FileDurability.ProcessCrash, IsToldOfWrites = false };

    /// <summary>One store owns the key, and the other waits for it in several callers.</summary>
    private static async Task<(Ownership Owner, Task Waiters)> BeginAsync(FileStore owner, FileStore other)
    {
        var ownership = await owner.AcquireAsync("key");
        var busy = Assert.IsType<Claim.Busy>(await other.ClaimAsync("key"));
        var waiters = Enumerable.Range(0, 3).Select(_ => other.WaitAsync(TestKeys.Of("key"), busy.Version, TimeSpan.FromHours(1), CancellationToken.None).AsTask()).ToList();
        return (ownership, Task.WhenAll(waiters));
    }

    /// <summary>A clock whose timers never fire.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
