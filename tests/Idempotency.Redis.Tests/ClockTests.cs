using Idempotency.Storage;
using Idempotency.TestServers;

namespace Idempotency.Redis.Tests;

/// <summary>A clock that jumps: the client's changes nothing, the server's ends leases early or late and never unsafely.</summary>
public sealed class ClockTests : IAsyncLifetime, IDisposable
{
    private readonly ServerClock _clock = new();
    private readonly RunningTime _time = new();
    private RedisServer _server = null!;
    private RedisStore _store = null!;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync(_clock);
        _store = new RedisStore(_server.Address, timeProvider: _time);
    }

    public Task DisposeAsync()
    {
        _store.Dispose();
        _server.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _clock.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_clients_clock_decides_nothing(int hours)
    {
        var (running, ended) = (Calls.NewKey(), Calls.NewKey());
        var owner = await _store.AcquireAsync(running);
        await _store.CompleteAsync(ended, await _store.AcquireAsync(ended));

        _time.JumpWallClock(TimeSpan.FromHours(hours));

        Assert.IsType<Claim.Busy>(await _store.ClaimAsync(running));
        Assert.IsType<Claim.Finished>(await _store.ClaimAsync(ended));
        Assert.Equal(OwnerAnswer.Accepted, await _store.CompleteAsync(running, owner));
    }

    [Fact]
    public async Task A_servers_clock_that_goes_back_frees_nothing_early_and_fences_of_a_key_still_grow()
    {
        var (running, ended) = (Calls.NewKey(), Calls.NewKey());
        var owner = await _store.AcquireAsync(running);
        await _store.CompleteAsync(ended, await _store.AcquireAsync(ended));

        _clock.Move(TimeSpan.FromHours(-1));

        Assert.IsType<Claim.Busy>(await _store.ClaimAsync(running));
        Assert.IsType<Claim.Finished>(await _store.ClaimAsync(ended));
        Assert.Equal(OwnerAnswer.Accepted, await _store.ReleaseAsync(running, owner, CancellationToken.None));
        Assert.True((await _store.AcquireAsync(running)).Fence > owner.Fence);
        Assert.Equal(OwnerAnswer.Fenced, await _store.CompleteAsync(running, owner));
    }

    [Fact]
    public async Task A_servers_clock_that_goes_forward_ends_leases_and_revokes_nothing()
    {
        var (first, second) = (Calls.NewKey(), Calls.NewKey());
        var (one, two) = (await _store.AcquireAsync(first), await _store.AcquireAsync(second));

        _clock.Move(TimeSpan.FromHours(1));

        Assert.Equal(OwnerAnswer.Accepted, await _store.CompleteAsync(first, one)); // nobody else ran
        Assert.True(Assert.IsType<Claim.Acquired>(await _store.ClaimAsync(second)).TakenOver);
        Assert.Equal(OwnerAnswer.Fenced, await _store.CompleteAsync(second, two));
    }
}
