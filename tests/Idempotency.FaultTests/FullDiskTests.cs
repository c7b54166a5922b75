using System.Diagnostics;
using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-70: a disk without room, without files to give, or read-only refuses new calls and loses nothing it has acknowledged.</summary>
public sealed class FullDiskTests
{
    private static readonly IdempotentOperation<string> s_operation = new("disk.charge");

    [RootTheory]
    [InlineData(FileDurability.PowerLoss)]
    [InlineData(FileDurability.ProcessCrash)]
    public async Task A_full_disk_refuses_new_keys_keeps_what_it_has_and_recovers(FileDurability durability)
    {
        using var disk = Mount.Memory(kilobytes: 4096);
        using var store = Open(disk, durability);
        using var guard = IdempotencyGuard.Create(store, new IdempotencyOptions { ClaimTimeout = TimeSpan.FromMilliseconds(1) });
        var (done, runs) = (0, 0);
        Task<string> CallAsync(int key) => guard.RunAsync(s_operation, $"{key}", _ =>
        {
            Interlocked.Increment(ref runs);
            return Task.FromResult($"{key} {new string('x', 4000)}");
        });

        StoreUnavailableException? refusal = null;
        while (refusal is null)
        {
            try
            {
                await CallAsync(done);
                done++;
            }
            catch (StoreUnavailableException full)
            {
                refusal = full;
            }
        }

        // Whatever was acknowledged is there, and the refused body was not run.
        Assert.InRange(done, 100, 2000);
        Assert.Equal(done, runs);
        Assert.Contains("The body did not run.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("No space left on device", refusal.InnerException!.Message, StringComparison.Ordinal);
        for (var key = 0; key < done; key++)
        {
            Assert.StartsWith($"{key} ", await CallAsync(key), StringComparison.Ordinal);
        }

        Process.Start("mount", ["-o", "remount,size=16384k", disk.Path]).WaitForExit();
        Assert.StartsWith("-1 ", await CallAsync(-1), StringComparison.Ordinal);
        Assert.Equal(done + 1, runs);
        store.Dispose();
        using var again = Open(disk, durability);
        using var reopened = IdempotencyGuard.Create(again);
        Assert.StartsWith("0 ", await reopened.RunAsync(s_operation, "0", _ => throw new InvalidOperationException("It ran again.")), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(disk.Path, "store")), static file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [RootFact]
    public async Task A_running_body_can_still_say_how_it_ended_when_the_disk_is_full_for_others()
    {
        using var disk = Mount.Memory(kilobytes: 4096);
        using var store = Open(disk, FileDurability.PowerLoss);
        using var guard = IdempotencyGuard.Create(store, new IdempotencyOptions { ClaimTimeout = TimeSpan.FromMilliseconds(1) });

        var result = await guard.RunAsync(s_operation, "running", async _ =>
        {
            for (var key = 0; ; key++)
            {
                try
                {
                    await guard.RunAsync(s_operation, $"{key}", static _ => Task.FromResult(new string('x', 4000)));
                }
                catch (StoreUnavailableException)
                {
                    return "charged";
                }
            }
        });

        Assert.Equal("charged", result);
        Assert.Equal("charged", await guard.RunAsync(s_operation, "running", static _ => throw new InvalidOperationException("It ran again.")));
    }

    [RootFact]
    public async Task A_disk_that_becomes_read_only_refuses_and_recovers()
    {
        using var disk = Mount.Disk("ext4");
        var directory = Path.Combine(disk.Path, "store");
        using (var store = Open(disk, FileDurability.PowerLoss))
        {
            using var guard = IdempotencyGuard.Create(store);
            await guard.RunAsync(s_operation, "a", static _ => Task.FromResult("done"));
        }

        disk.Freeze();
        var refusal = Assert.ThrowsAny<IOException>(() => new FileStore(directory));
        Assert.Contains("Read-only file system", refusal.Message, StringComparison.OrdinalIgnoreCase);
        disk.Thaw();

        using var again = Open(disk, FileDurability.PowerLoss);
        using var reopened = IdempotencyGuard.Create(again);
        Assert.Equal("done", await reopened.RunAsync(s_operation, "a", static _ => throw new InvalidOperationException("It ran again.")));
    }

    [RootFact]
    public void A_disk_without_a_file_to_give_refuses_to_begin()
    {
        using var disk = Mount.Memory(kilobytes: 8192, files: 4);

        var refusal = Assert.ThrowsAny<IOException>(() => Open(disk, FileDurability.PowerLoss));

        Assert.Contains("No space left on device", refusal.Message, StringComparison.Ordinal);
    }

    private static FileStore Open(Mount disk, FileDurability durability) =>
        new(Path.Combine(disk.Path, "store"), new FileStoreOptions { Durability = durability });
}
