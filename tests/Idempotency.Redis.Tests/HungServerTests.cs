using Idempotency.Storage;
using Idempotency.TestServers;

namespace Idempotency.Redis.Tests;

/// <summary>A server or a network that does not answer hangs no call.</summary>
public sealed class HungServerTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private TcpProxy _proxy = null!;
    private RedisStore _store = null!;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _proxy = TcpProxy.Start(_server.Port);
        _store = new RedisStore(_proxy.Address, new RedisStoreOptions { CommandTimeout = TimeSpan.FromMilliseconds(300), PollInterval = TimeSpan.FromMilliseconds(50) });
    }

    public Task DisposeAsync()
    {
        _store.Dispose();
        _proxy.Dispose();
        _server.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_call_waits_for_a_server_that_hangs(bool isStopped)
    {
        var key = Calls.NewKey();
        using var patient = new RedisStore(_server.Address);
        var owner = await patient.AcquireAsync(key);
        var busy = Assert.IsType<Claim.Busy>(await _store.ClaimUntilAnsweredAsync(key, OwnerToken.New()));
        Hang(isStopped);

        Func<Task>[] calls =
        [
            () => _store.ClaimAsync(key).AsTask(),
            () => _store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None).AsTask(),
            () => _store.CompleteAsync(key, owner).AsTask(),
            () => _store.ReleaseAsync(key, owner, CancellationToken.None).AsTask(),
            () => _store.AbandonAsync(key, OwnerToken.New(), CancellationToken.None).AsTask(),
            () => _store.GetAsync(key, CancellationToken.None).AsTask(),
            () => _store.WaitAsync(key, busy.Version, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask(),
            () => _store.ResolveAsync(key, 1, null, TimeSpan.FromHours(1), CancellationToken.None).AsTask(),
        ];
        foreach (var call in calls)
        {
            var late = await Assert.ThrowsAsync<TimeoutException>(() => call().WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.StartsWith($"Redis at {_proxy.Address} gave no answer in time", late.Message, StringComparison.Ordinal);
        }

        GoOn(isStopped);
        Assert.IsNotType<Claim.Unreadable>(await _store.ClaimUntilAnsweredAsync(key, OwnerToken.New()));
    }

    [Fact]
    public async Task The_first_call_does_not_wait_for_a_server_that_hangs_either()
    {
        _server.Process.Stop();

        var late = await Assert.ThrowsAsync<TimeoutException>(() => _store.ClaimAsync(Calls.NewKey()).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.StartsWith($"Redis at {_proxy.Address} gave no answer in time while the store made sure of its connection. Nothing of this call was sent yet.", late.Message, StringComparison.Ordinal);

        _server.Process.Continue();
        Assert.IsType<Claim.Acquired>(await _store.ClaimUntilAnsweredAsync(Calls.NewKey(), OwnerToken.New()));
    }

    [Fact]
    public async Task Answers_that_trickle_in_are_read()
    {
        using var store = new RedisStore(_proxy.Address); // as patient as it is by default
        _proxy.Trickles = true;
        var key = Calls.NewKey();

        await store.CompleteAsync(key, await store.AcquireAsync(key));

        var finished = Assert.IsType<Claim.Finished>(await store.ClaimAsync(key));
        Assert.Equal("done"u8, finished.Outcome.Payload.Span);
    }

    [Fact]
    public async Task A_call_whose_answer_is_cut_off_finds_its_own_work_when_it_is_repeated()
    {
        for (var n = 1; n <= 25; n++)
        {
            var (key, token) = (Calls.NewKey(), OwnerToken.New());
            await _store.ClaimUntilAnsweredAsync(Calls.NewKey(), OwnerToken.New()); // connected again
            _proxy.CutAtAnswer(1);
            var claim = Assert.IsType<Claim.Acquired>(await _store.ClaimUntilAnsweredAsync(key, token));
            Assert.Equal(1, claim.Attempt);

            _proxy.CutAtAnswer(1);
            var owner = new Ownership(token, claim.Fence);
            var answers = 0;
            while (answers == 0)
            {
                try
                {
                    Assert.Equal(OwnerAnswer.Accepted, await _store.CompleteAsync(key, owner));
                    answers++;
                }
                catch (Exception lost) when (lost is IOException or TimeoutException)
                {
                    await Task.Delay(20);
                }
            }
        }

        Assert.InRange(_proxy.Cuts, 50, int.MaxValue);
    }

    [Fact]
    public async Task A_waiter_whose_message_was_lost_looks_for_itself()
    {
        using var store = new RedisStore(_server.Address, new RedisStoreOptions { PollInterval = TimeSpan.FromMilliseconds(50) });
        var key = Calls.NewKey();
        var owner = await store.AcquireAsync(key);
        var busy = Assert.IsType<Claim.Busy>(await store.ClaimAsync(key));
        var waiting = store.WaitAsync(key, busy.Version, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        await UntilWaitedForAsync(key);
        await _server.SendAsync("CLIENT KILL TYPE pubsub"); // messages go nowhere until the client has come back

        using var other = new RedisStore(_server.Address);
        Assert.Equal(OwnerAnswer.Accepted, await other.CompleteAsync(key, owner));

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_waiter_is_told_and_does_not_have_to_look()
    {
        using var store = new RedisStore(_server.Address, new RedisStoreOptions { PollInterval = TimeSpan.FromHours(1) });
        using var other = new RedisStore(_server.Address);
        var key = Calls.NewKey();
        var owner = await store.AcquireAsync(key);
        var busy = Assert.IsType<Claim.Busy>(await store.ClaimAsync(key));
        var waiting = Enumerable.Range(0, 100).Select(_ => store.WaitAsync(key, busy.Version, TimeSpan.FromHours(1), CancellationToken.None).AsTask()).ToArray();
        await UntilWaitedForAsync(key);

        await other.CompleteAsync(key, owner);

        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(25)); // less than what is left of the lease
    }

    [Fact]
    public async Task A_body_that_blocks_its_thread_keeps_no_answer_from_others() => await Task.Run(async () => // without the context of tests
    {
        using var store = new RedisStore(_server.Address); // as patient as it is by default
        var key = Calls.NewKey();
        var owner = await store.AcquireAsync(key);

        // As a body does that does not await: on the thread on which its claim was answered.
        Assert.True(store.RenewAsync(key, owner, TimeSpan.FromSeconds(30), CancellationToken.None).AsTask().Wait(TimeSpan.FromSeconds(30)));
    });

    /// <summary>Until somebody has marked the record as waited for: its third byte.</summary>
    private async Task UntilWaitedForAsync(Keys.IdempotencyKey key)
    {
        using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(_server.Address);
        while (((byte[])(await connection.GetDatabase().StringGetRangeAsync(new RedisNames("idempotency:").RecordOf(key), 2, 2))!)[0] != 1)
        {
            await Task.Yield();
        }
    }

    private void Hang(bool isStopped)
    {
        if (isStopped)
        {
            _server.Process.Stop();
        }
        else
        {
            _proxy.Hold();
        }
    }

    private void GoOn(bool isStopped)
    {
        if (isStopped)
        {
            _server.Process.Continue();
        }
        else
        {
            _proxy.LetGo();
        }
    }
}
