using System.Runtime.InteropServices;
using Idempotency.Soak;
using Idempotency.Storage;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-72: the disk stops taking anything at once, as when the power fails. What was acknowledged is there afterwards.</summary>
public sealed partial class PowerCutTests
{
    private const int Cuts = 6;

    [RootFact]
    public async Task What_was_acknowledged_survives_a_power_cut_at_any_moment()
    {
        using var disk = Mount.Disk("ext4");
        for (var cut = 0; cut < Cuts; cut++)
        {
            Assert.Empty(await CutAsync(disk, cut, FileDurability.PowerLoss));
        }
    }

    [RootFact]
    public async Task A_store_that_does_not_sync_is_found_out()
    {
        using var disk = Mount.Disk("ext4");
        var lost = new List<string>();
        for (var cut = 0; cut < Cuts; cut++)
        {
            lost.AddRange(await CutAsync(disk, cut, FileDurability.ProcessCrash));
        }

        Assert.NotEmpty(lost);
    }

    /// <summary>Makes calls until the plug is pulled in the midst of them, and says which acknowledged answers are gone.</summary>
    private static async Task<List<string>> CutAsync(Mount disk, int cut, FileDurability durability)
    {
        var directory = Path.Combine(disk.Path, $"store-{cut}");
        var options = new FileStoreOptions { Durability = durability, LeastSegment = 1 << 14 };
        var (claimed, completed) = (new HashSet<string>(), new HashSet<string>());
        using (var store = new FileStore(directory, options))
        {
            var stopped = new TaskCompletionSource();
            var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
            {
                for (var i = 0; ; i++)
                {
                    var key = $"{caller}/{i}";
                    try
                    {
                        var owner = new Ownership(OwnerToken.New(), 0);
                        var request = new ClaimRequest(owner.Token, TimeSpan.FromMinutes(1), OnCrash.Hold, default);
                        var claim = (Claim.Acquired)await store.TryClaimAsync(KeyOf(key), request, CancellationToken.None);
                        Note(claimed, key);
                        await store.CompleteAsync(KeyOf(key), owner with { Fence = claim.Fence }, Outcome(key), TimeSpan.FromDays(1), CancellationToken.None);
                        Note(completed, key);
                        if (i == 20 * (cut + 1))
                        {
                            stopped.TrySetResult();
                        }
                    }
                    catch (Exception failure) when (failure is IOException or ObjectDisposedException)
                    {
                        return; // the plug was pulled
                    }
                }
            })).ToList();
            await stopped.Task;
            PullThePlug(disk.Path);
            store.Crash(); // nothing of it can reach the disk any more, also where it would not notice
            await Task.WhenAll(callers);
        }

        disk.Restart();
        return await LostAsync(directory, options, claimed, completed);
    }

    private static async Task<List<string>> LostAsync(string directory, FileStoreOptions options, HashSet<string> claimed, HashSet<string> completed)
    {
        var lost = new List<string>();
        try
        {
            using var store = new FileStore(directory, options);
            foreach (var key in claimed)
            {
                var record = await store.GetAsync(KeyOf(key), CancellationToken.None);
                if (record is null || (completed.Contains(key) && record.State != RecordState.Completed))
                {
                    lost.Add($"{key}: {record?.State}");
                }
            }
        }
        catch (IOException damage)
        {
            lost.Add(damage.Message);
        }
        catch (InvalidDataException damage)
        {
            lost.Add(damage.Message);
        }

        return lost;
    }

    private static void Note(HashSet<string> keys, string key)
    {
        lock (keys)
        {
            keys.Add(key);
        }
    }

    private static Keys.IdempotencyKey KeyOf(string key) => Keys.IdempotencyKey.FromCanonical("cut.charge", System.Text.Encoding.UTF8.GetBytes(key));

    private static StoredOutcome Outcome(string key) => new(isFailure: false, System.Text.Encoding.UTF8.GetBytes(key));

    /// <summary>Shuts the file system down without writing anything more, not even its journal.</summary>
    private static void PullThePlug(string path)
    {
        const ulong GoingDown = 0x8004587d; // EXT4_IOC_SHUTDOWN, and the same for xfs
        const uint WithoutLog = 2;
        const int NotInherited = 0x80000; // O_CLOEXEC: children of other tests would keep the file system busy
        using var directory = new SafeFileHandle(Open(path, NotInherited), ownsHandle: true);
        var how = WithoutLog;
        if (Control(directory, GoingDown, ref how) != 0)
        {
            throw new InvalidOperationException($"The file system could not be shut down: error {Marshal.GetLastPInvokeError()}. This test needs root.");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, ulong request, ref uint argument);
}
