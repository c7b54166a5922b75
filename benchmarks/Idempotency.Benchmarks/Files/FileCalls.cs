using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Stores;

namespace Idempotency.Benchmarks.Files;

/// <summary>Calls on file stores of both kinds, and what the same disk takes at least.</summary>
internal static class FileCalls
{
    /// <summary>What the names of their calls begin with.</summary>
    public const string PowerLoss = "`PowerLoss`: ", ProcessCrash = "`ProcessCrash`: ";

    public const string TwoSyncs = "two writes with fdatasync";

    /// <param name="directory">Where the stores are, which other processes open too.</param>
    public static async Task ServeAsync(string directory)
    {
        using var bare = new BareDisk(directory);
        using var one = new SemaphoreSlim(1); // who else would write waits, and not on a thread
        using var synced = Open(Path.Combine(directory, "synced"), FileDurability.PowerLoss);
        using var unsynced = Open(Path.Combine(directory, "unsynced"), FileDurability.ProcessCrash);
        using var durable = new Calls(synced);
        using var fast = new Calls(unsynced);
        var ways = new Dictionary<string, Func<Task>>((await durable.WaysAsync(PowerLoss)).Concat(await fast.WaysAsync(ProcessCrash)))
        {
            [TwoSyncs] = async () =>
            {
                await one.WaitAsync();
                try
                {
                    bare.WriteAndSync();
                    bare.WriteAndSync();
                }
                finally
                {
                    one.Release();
                }
            },
        };
        await LoadProcess.ServeAsync(ways);
    }

    /// <summary>
    /// A folder for stores, in the build's output: the system's temporary directory may be in memory, which has nothing to sync.
    /// </summary>
    public static string CreateFolder() => Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, "artifacts", $"benchmark-{Environment.ProcessId}")).FullName;

    public static FileStore Open(string directory, FileDurability durability) => new(directory, new FileStoreOptions { Durability = durability, Capacity = 50_000_000 });
}
