using System.Diagnostics;
using System.Globalization;
using System.Text;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.FileStoreBenchmarks;

/// <summary>The calls that are measured.</summary>
internal static class Calls
{
    private static readonly byte[] s_payload = new byte[100];

    public static IdempotencyKey Key(string name, int number) =>
        IdempotencyKey.FromCanonical("benchmark.charge", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}/{number}")));

    public static FileStore Open(string directory, FileDurability durability) => new(directory, new FileStoreOptions { Durability = durability });

    public static async ValueTask FreshAsync(FileStore store, IdempotencyKey key)
    {
        var token = OwnerToken.New();
        var claim = await store.TryClaimAsync(key, new ClaimRequest(token, TimeSpan.FromMinutes(1), OnCrash.Retry, default), CancellationToken.None);
        var owner = new Ownership(token, ((Claim.Acquired)claim).Fence);
        var answer = await store.CompleteAsync(key, owner, new StoredOutcome(isFailure: false, s_payload), TimeSpan.FromDays(1), CancellationToken.None);
        Debug.Assert(answer == OwnerAnswer.Accepted);
    }

    public static async ValueTask DuplicateAsync(FileStore store, IdempotencyKey key)
    {
        var claim = await store.TryClaimAsync(
            key, new ClaimRequest(OwnerToken.New(), TimeSpan.FromMinutes(1), OnCrash.Retry, default), CancellationToken.None);
        Debug.Assert(claim is Claim.Finished);
    }

    /// <summary>The time of each of so many calls, one after the other.</summary>
    public static List<double> Microseconds(int times, Action<int> call)
    {
        var taken = new List<double>(times);
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            call(i);
            taken.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return taken;
    }

    public static double Median(this List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    /// <summary>Waits without giving the thread away, as a caller does who has nothing else to do.</summary>
    public static void Finish(ValueTask call)
    {
        if (!call.IsCompletedSuccessfully)
        {
            call.AsTask().GetAwaiter().GetResult();
        }
    }
}
