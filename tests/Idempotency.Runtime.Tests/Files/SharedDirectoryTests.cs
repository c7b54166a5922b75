using System.Text;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>Several stores on one directory: what one does, the others know; who closes, opens or lags behind loses nothing.</summary>
public sealed class SharedDirectoryTests : IDisposable
{
    private static readonly FileStoreOptions s_small = new() { Durability = FileDurability.ProcessCrash, LeastSegment = 1 << 14 };

    private readonly FakeTimeProvider _time = new();
    private readonly StoreFolder _folder = new();

    [Fact]
    public async Task What_one_store_knows_the_others_know()
    {
        using var first = _folder.Open();
        using var second = _folder.Open();
        var owner = await first.AcquireAsync("a");

        Assert.Equal("Busy", await second.AskAsync("a"));
        await first.CompleteAsync("a", owner, "done");

        Assert.Equal("done", await second.AskAsync("a"));
    }

    /// <summary>The first store remembers the arguments of the claim that the second one has released meanwhile.</summary>
    [Fact]
    public async Task A_key_that_another_store_has_freed_may_come_with_other_arguments()
    {
        using var first = _folder.Open();
        using var second = _folder.Open();
        var owner = await first.AcquireAsync("a");
        Assert.Equal(OwnerAnswer.Accepted, await second.ReleaseAsync(TestKeys.Of("a"), owner, CancellationToken.None));

        var other = new ClaimRequest(OwnerToken.New(), Records.Lease, OnCrash.Retry, new byte[32]);

        Assert.IsType<Claim.Acquired>(await first.TryClaimAsync(TestKeys.Of("a"), other, CancellationToken.None));
    }

    [Fact]
    public async Task What_was_stored_is_there_when_all_stores_were_closed()
    {
        using (var store = _folder.Open())
        {
            await store.RunAsync("a", "done");
        }

        using var again = _folder.Open();
        Assert.Equal("done", await again.AskAsync("a"));
        Assert.True((await again.AcquireAsync("b")).Fence > 2);
    }

    [Fact]
    public async Task A_store_that_is_closed_while_a_body_runs_keeps_its_keys_until_the_process_ends()
    {
        Ownership owner;
        using (var store = _folder.Open())
        {
            owner = await store.AcquireAsync("a");
        }

        using var other = _folder.Open();
        Assert.Equal("Busy", await other.AskAsync("a"));
        Assert.Equal(OwnerAnswer.Accepted, await other.CompleteAsync("a", owner));
    }

    [Fact]
    public async Task A_store_that_was_closed_says_so()
    {
        var store = _folder.Open();
        store.Dispose();
        store.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ClaimAsync("a"));
    }

    [Fact]
    public async Task Expired_records_leave_the_memory_and_the_disk_by_themselves()
    {
        using var store = _folder.Open(_time, s_small);
        for (var i = 0; i < 500; i++)
        {
            await store.RunAsync($"old {i}", retention: TimeSpan.FromMinutes(1));
        }

        await store.RunAsync("young", "kept", TimeSpan.FromDays(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        var before = Bytes();
        // Every tick is served before the next one is waited for, because a claim stands in the same queue.
        for (var i = 0; i < 300 && (store.Count > 1 || Bytes() > before / 2); i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("kept", await store.AskAsync("young"));
            await store.PurgeAsync(0, CancellationToken.None);
            await store.GetAsync(TestKeys.Of("young"), CancellationToken.None);
        }

        Assert.Equal(1, store.Count);
        Assert.InRange(Bytes(), 0, before / 2);
    }

    [Fact]
    public async Task Living_records_survive_compaction_in_every_store_and_when_opened_again()
    {
        using var busy = _folder.Open(_time, s_small);
        using var idle = _folder.Open(_time, s_small);
        for (var i = 0; i < 40; i++)
        {
            await busy.RunAsync($"kept {i}", $"result {i}", TimeSpan.FromDays(365));
        }

        var held = await busy.AcquireAsync("held");
        Assert.Equal("result 0", await idle.AskAsync("kept 0"));
        await ChurnAsync(busy, 2000);

        Assert.False(File.Exists(_folder.File("0000000001.log")));
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal($"result {i}", await idle.AskAsync($"kept {i}"));
            Assert.Equal($"result {i}", await busy.AskAsync($"kept {i}"));
        }

        using var fresh = _folder.Open(_time, s_small);
        Assert.Equal("result 39", await fresh.AskAsync("kept 39"));
        Assert.Equal("Busy", await fresh.AskAsync("held"));
        Assert.Equal(OwnerAnswer.Accepted, await busy.CompleteAsync("held", held));
        Assert.Equal("done", await idle.AskAsync("held"));
    }

    [Fact]
    public async Task Results_of_any_size_survive_compaction()
    {
        using var store = _folder.Open(_time, s_small);
        var large = new string('x', 300_000);
        await store.RunAsync("large", large, TimeSpan.FromDays(365));
        await store.RunAsync("empty", "", TimeSpan.FromDays(365));
        await ChurnAsync(store, 1500);

        using var fresh = _folder.Open(_time, s_small);
        Assert.Equal(large, await fresh.AskAsync("large"));
        Assert.Equal("", await fresh.AskAsync("empty"));
        Assert.Equal(large, await store.AskAsync("large"));
    }

    [Fact]
    public async Task A_full_store_refuses_new_keys_and_serves_the_ones_it_has()
    {
        using var store = _folder.Open(_time, new FileStoreOptions { Capacity = 2, Durability = FileDurability.ProcessCrash });
        var owner = await store.AcquireAsync("a");
        await store.RunAsync("b", retention: TimeSpan.FromMinutes(1));

        var refusal = await Assert.ThrowsAsync<StoreFullException>(() => store.ClaimAsync("c"));
        Assert.Equal((2, TestKeys.Of("c").Text), (refusal.Capacity, refusal.Key));
        Assert.Equal("done", await store.AskAsync("b"));
        await store.CompleteAsync("a", owner);

        _time.Advance(TimeSpan.FromMinutes(1));
        await store.AcquireAsync("c");
    }

    [Fact]
    public async Task Hundreds_of_callers_share_a_few_syncs_and_one_of_each_key_wins()
    {
        using var first = _folder.Open(options: new FileStoreOptions());
        using var second = _folder.Open(options: new FileStoreOptions());
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(caller => Task.Run(() => (caller % 2 == 0 ? first : second).ClaimAsync($"key {caller % 20}"))));

        Assert.Equal(20, answers.OfType<Claim.Acquired>().Count());
        Assert.Equal(20, answers.OfType<Claim.Acquired>().Select(static claim => claim.Fence).Distinct().Count());
        Assert.Equal(380, answers.OfType<Claim.Busy>().Count());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Fills the log with what is soon out of date, and lets the store tidy up after itself.</summary>
    private async Task ChurnAsync(FileStore store, int keys)
    {
        for (var i = 0; i < keys; i++)
        {
            await store.RunAsync($"churn {i}", retention: TimeSpan.FromSeconds(5));
            if (i % 20 == 0)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                await store.PurgeAsync(0, CancellationToken.None);
            }
        }

        for (var i = 0; i < 200 && File.Exists(_folder.File("0000000001.log")); i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await store.PurgeAsync(0, CancellationToken.None);
            await store.GetAsync(TestKeys.Of("none"), CancellationToken.None);
        }
    }

    private long Bytes() => Directory.GetFiles(_folder.Path, "*.log").Sum(static file => new FileInfo(file).Length);
}
