using System.Runtime.CompilerServices;
using System.Text;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>
/// A directory with a record in every state, as format 1 has written it; running the tests with <c>GOLDEN_ACCEPT=1</c> makes it
/// again. Stored bytes are an API: a later format gets a directory of its own, and this one stays readable.
/// </summary>
internal static class GoldenStore
{
    /// <summary>The owner of most records, and others who came by.</summary>
    public static readonly OwnerToken Owner = new(1, 1), Former = new(2, 2), Passer = new(3, 3);

    /// <summary>When it was finished: who reads it at this time finds nothing expired that was not meant to be.</summary>
    public static readonly TimeSpan MadeAt = TimeSpan.FromMinutes(2);

    public const int LargeResult = 20_000;

    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    /// <summary>Several files of a few lines each; of the large result's, a file of its own.</summary>
    private static readonly FileStoreOptions s_options = new() { Durability = FileDurability.ProcessCrash, LeastSegment = 1 << 10 };

    public static string Directory { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "Golden", "1");

    /// <summary>Does what the records tell of, in a directory that was empty.</summary>
    public static async Task MakeAsync(string directory)
    {
        var time = new FakeTimeProvider();
        using (var store = new FileStore(directory, s_options, time))
        {
            await CompleteAsync(store, "removed", retention: TimeSpan.FromSeconds(1));
            await CompleteAsync(store, "expired", retention: TimeSpan.FromMinutes(1));
            time.Advance(TimeSpan.FromSeconds(1));
            await store.PurgeAsync(int.MaxValue, CancellationToken.None);

            await CompleteAsync(store, "completed");
            await CompleteAsync(store, "completed, with a fingerprint", fingerprint: "amount 12.50");
            await CompleteAsync(store, "completed, with nothing", result: "");
            await CompleteAsync(store, "completed, large", result: Large);
            await CompleteAsync(store, "completed for ten years", retention: TimeSpan.FromDays(3650));
            await CompleteAsync(store, "failed", isFailure: true);
            await ReleaseAsync(store, "released");
            await store.AbandonAsync(TestKeys.Of("abandoned"), Former, CancellationToken.None);
            await ReleaseAsync(store, "completed at the second attempt");
            await CompleteAsync(store, "completed at the second attempt", by: Passer);
            await LeaveAsync(store, "given up");
            await LeaveAsync(store, "taken over", by: Former);
            await ClaimAsync(store, "taken over");
            await LeaveAsync(store, "in doubt");
            time.Advance(TimeSpan.FromSeconds(9));
            await ClaimAsync(store, "in doubt", Passer, OnCrash.Hold);
            await LeaveAsync(store, "resolved");
            await ClaimAsync(store, "resolved", Passer, OnCrash.Hold);
            var doubt = (await store.GetAsync(TestKeys.Of("resolved"), CancellationToken.None))!;
            await store.ResolveAsync(doubt.Key, doubt.Version, Outcome("found out"), Records.Retention, CancellationToken.None);
            await ClaimAsync(store, "in progress");
            await ClaimAsync(store, "in progress, with a fingerprint", fingerprint: "amount 12.50");
            time.Advance(MadeAt - time.Elapsed);
            store.Crash();
        }

        foreach (var file in System.IO.Directory.GetFiles(directory))
        {
            if (file.EndsWith(".log", StringComparison.Ordinal))
            {
                Trim(file);
            }
            else if (Path.GetFileName(file) != "state")
            {
                File.Delete(file); // locks, with nothing in them
            }
        }
    }

    /// <summary>The lines of a file of the log, one after the other.</summary>
    public static IEnumerable<(int At, int Length)> Lines(byte[] log)
    {
        const int Header = 64;
        for (var at = Header; at + sizeof(int) <= log.Length && BitConverter.ToInt32(log, at) is > 0 and var length; at += length)
        {
            yield return (at, length);
        }
    }

    private static string Large => string.Concat(Enumerable.Range(0, LargeResult / 5).Select(static number => $"{number:D5}"));

    private static string Here([CallerFilePath] string here = "") => here;

    private static StoredOutcome Outcome(string result, bool isFailure = false) => new(isFailure, Encoding.UTF8.GetBytes(result));

    private static async Task<Claim> ClaimAsync(FileStore store, string key, OwnerToken? by = null, OnCrash onCrash = OnCrash.Retry, string fingerprint = "") =>
        await store.TryClaimAsync(
            TestKeys.Of(key), new ClaimRequest(by ?? Owner, s_lease, onCrash, Encoding.UTF8.GetBytes(fingerprint)), CancellationToken.None);

    private static async Task<Ownership> AcquireAsync(FileStore store, string key, OwnerToken? by = null, string fingerprint = "") =>
        new(by ?? Owner, Assert.IsType<Claim.Acquired>(await ClaimAsync(store, key, by, fingerprint: fingerprint)).Fence);

    private static async Task CompleteAsync(
        FileStore store, string key, string? result = null, bool isFailure = false, TimeSpan? retention = null, string fingerprint = "", OwnerToken? by = null) =>
        await store.CompleteAsync(
            TestKeys.Of(key), await AcquireAsync(store, key, by, fingerprint), Outcome(result ?? $"result of {key}", isFailure),
            retention ?? Records.Retention, CancellationToken.None);

    private static async Task ReleaseAsync(FileStore store, string key) =>
        await store.ReleaseAsync(TestKeys.Of(key), await AcquireAsync(store, key, Former), CancellationToken.None);

    /// <summary>Claims a key and gives it up while the process lives.</summary>
    private static async Task LeaveAsync(FileStore store, string key, OwnerToken? by = null) =>
        await store.RenewAsync(TestKeys.Of(key), await AcquireAsync(store, key, by), TimeSpan.Zero, CancellationToken.None);

    /// <summary>Gives back the room behind the last line.</summary>
    private static void Trim(string file)
    {
        using var log = new FileStream(file, FileMode.Open);
        var bytes = new byte[log.Length];
        log.ReadExactly(bytes);
        log.SetLength(Lines(bytes).Select(static line => line.At + line.Length).DefaultIfEmpty(64).Last());
    }
}
